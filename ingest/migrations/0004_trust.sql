-- Works that are not on arXiv have ids as well; what is new since a day needs the day.
alter table papers rename column arxiv_id to id;
alter table papers add column versions text not null default '[]';
alter table papers add column withdrawn integer not null default 0;
alter table papers add column year integer;
alter table papers add column url text;
alter table papers add column added text;
alter table links rename column arxiv_id to paper;
alter table links add column added text;
alter table posts add column quotes text not null default '[]';
alter table posts add column accepted integer not null default 0;
alter table posts add column added text;

-- Papers of which something changed that is not in their documents yet.
create table unwritten (
  paper text primary key
) without rowid;

-- What failed and when it is tried again: hosts, sources, single papers.
drop table troubles;
create table retries (
  source text primary key,
  reason text not null,
  failures integer not null,
  failed text not null,
  next_try text not null
);

-- How a source looked when all that it held had last been written: a cheap stamp, and its hash.
create table stamps (
  source text primary key,
  stamp text not null,
  digest blob
);

-- How far the harvest of an arXiv set has come.
create table harvests (
  source text primary key,
  since text,
  token text,
  began text
);

-- Which arXiv paper a title was resolved to; null where arXiv has none.
create table resolved (
  title text primary key,
  paper text
);

-- Which papers a post is about, as a reading list says: exactly these.
create table corrections (
  parent text not null,
  post text not null,
  papers text not null,
  primary key (parent, post)
) without rowid;

-- The topics of a category: how the forum's listing showed them, and when they were last read.
create table topics (
  source text primary key,
  stamp text not null,
  read text not null
);

-- Numbers that grow when something changes: links are found anew only where they may differ.
create table marks (
  name text primary key,
  value integer not null
);
