-- How each source calls a paper for short: what a source takes back goes with it.
create table names (
  parent text not null,
  child text not null,
  names text not null,
  primary key (parent, child)
) without rowid;
create index names_child on names (child);
insert into names
  select parent, child, names from follows join papers on child = 'arxiv:' || arxiv_id
  where parent like 'list:%' and names != '[]';
alter table papers drop column names;

-- The forum's own id of a post, by which it lists what a topic still holds.
alter table posts add column post_id integer;
