-- What follows what: '' is the library itself, children are sources and what they hold.
-- A thing stays in the library as long as something follows it.
create table follows (
  parent text not null,
  child text not null,
  primary key (parent, child)
) without rowid;
create index follows_child on follows (child);

-- What somebody removed although a source still holds it.
create table excluded (
  child text primary key
) without rowid;

create table papers (
  arxiv_id text primary key,
  title text,
  abstract text,
  authors text not null,
  categories text not null,
  primary_category text,
  published text,
  updated text,
  version integer,
  comments text,
  doi text,
  names text not null,
  source text not null,
  authority integer not null,
  pending text
);
create index papers_pending on papers (arxiv_id) where abstract is null;

create table posts (
  key text primary key,
  source text not null,
  position integer not null,
  reply_to text,
  links text not null
) without rowid;
create index posts_source on posts (source, position);

create table links (
  key text not null,
  arxiv_id text not null,
  rule text not null,
  confidence real not null,
  primary key (key, arxiv_id)
) without rowid;
create index links_paper on links (arxiv_id);

create table troubles (
  source text primary key,
  reason text not null
) without rowid;

create table runs (
  id integer primary key autoincrement,
  started text not null,
  finished text,
  report text
);
