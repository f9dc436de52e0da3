-- Works that are not on arXiv have ids as well; what is new since a day needs the day.
alter table papers rename column arxiv_id to id;
alter table papers add column names text not null default '[]';
alter table papers add column versions text not null default '[]';
alter table papers add column withdrawn integer not null default 0;
alter table papers add column year integer;
alter table papers add column url text;
alter table papers add column added text;

-- What each source says of a paper; no facts where it says just what is known. The paper follows
-- from the claims, so that a source which takes its word back leaves no trace of it.
create table claims (
  paper text not null,
  source text not null,
  authority integer not null,
  facts text,
  primary key (paper, source)
) without rowid;
create index claims_source on claims (source, paper);
insert into claims
  select id, source, case source when 'arxiv' then 4 else authority end, null from papers;
drop table names;
alter table papers drop column source;
alter table papers drop column authority;

alter table links rename column arxiv_id to paper;
alter table links add column added text;
create index papers_title on papers (title collate nocase);

-- Posts as they were read, so that linking them anew needs no forum: the next run reads them again.
drop table posts;
create table posts (
  key text primary key,
  source text not null,
  position integer not null,
  post text not null,
  post_id integer,
  accepted integer not null default 0,
  unwritten integer not null default 1,
  added text
) without rowid;
create index posts_source on posts (source, position);
create index posts_unwritten on posts (source) where unwritten;

-- Papers of which something changed that is not in their documents yet.
create table unwritten (
  thing text primary key
) without rowid;

-- Which papers posts name by their ids, and which of these nobody wants.
create table named (
  post text not null,
  paper text not null,
  primary key (post, paper)
) without rowid;
create table declined (
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

-- How a file looked when all that it held had last been written: a cheap stamp, and its hash.
create table stamps (
  source text primary key,
  stamp text not null,
  digest blob not null
);

-- How far the harvest of an arXiv set has come.
create table harvests (
  source text primary key,
  first text,
  since text,
  token text,
  began text
);

-- Which arXiv paper a work of a list was found to be.
create table resolved (
  work text primary key,
  paper text not null
);

-- Which papers a post is about, as a reading list says: exactly these.
create table corrections (
  parent text not null,
  post text not null,
  papers text not null,
  primary key (parent, post)
) without rowid;

-- The topics of categories: how the forum's listing showed them, and when they were last read.
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
