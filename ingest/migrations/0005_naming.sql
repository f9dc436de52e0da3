-- How papers are named, so that a text finds them without reading all of them. All of it follows
-- from the table of papers and is made again where the mark "naming" is not today's.

-- Papers whose rows below may be out of date, with what these were made from, none if `known` is 0.
create table unnamed (
  paper text primary key,
  known integer not null,
  title text,
  abstract text,
  authors text not null default '[]',
  names text not null default '[]',
  doi text,
  published text,
  year integer
) without rowid;
-- (The conflict clause of the statement that fires a trigger would win over one within it.)
create trigger papers_added after insert on papers begin
  insert into unnamed (paper, known) select new.id, 0
    where not exists (select 1 from unnamed where paper = new.id);
end;
create trigger papers_changed after update of
  title, abstract, authors, names, doi, published, year on papers
when old.title is not new.title or old.abstract is not new.abstract
  or old.authors is not new.authors or old.names is not new.names or old.doi is not new.doi
  or old.published is not new.published or old.year is not new.year
begin
  insert into unnamed
    select old.id, 1, old.title, old.abstract, old.authors, old.names, old.doi, old.published,
      old.year
    where not exists (select 1 from unnamed where paper = old.id);
end;
create trigger papers_removed after delete on papers begin
  insert into unnamed
    select old.id, 1, old.title, old.abstract, old.authors, old.names, old.doi, old.published,
      old.year
    where not exists (select 1 from unnamed where paper = old.id);
end;

-- The papers that the tables below speak of by number, and the month each is from.
create table naming (
  number integer primary key,
  paper text not null unique,
  month integer not null
);
-- Hashes of how titles and their parts begin, and of runs of words of abstracts: what they find
-- is looked at before it counts.
create table title_starts (
  start integer not null,
  paper integer not null,
  primary key (start, paper)
) without rowid;
create table abstract_runs (
  run integer not null,
  paper integer not null,
  primary key (run, paper)
) without rowid;
-- The names that curators gave (`given`) and that titles coin, by the letters that are compared.
create table short_names (
  letters text not null,
  name text not null,
  given integer not null,
  paper integer not null,
  primary key (letters, name, given, paper)
) without rowid;
create table surnames (
  name text not null,
  first integer not null,
  paper integer not null,
  primary key (name, first, paper)
) without rowid;
create table dois (
  doi text not null,
  paper integer not null,
  primary key (doi, paper)
) without rowid;
create table title_words (
  word text not null,
  paper integer not null,
  primary key (word, paper)
) without rowid;
-- How many titles hold a word, and how often it stands there in ordinary letters.
create table vocabulary (
  word text primary key,
  titles integer not null,
  ordinary integer not null
) without rowid;
-- The month of the first title or abstract that uses a word; never too late, and too early only
-- where `doubtful`, when that paper went.
create table first_uses (
  word text primary key,
  month integer not null,
  doubtful integer not null default 0
) without rowid;
create index first_uses_doubtful on first_uses (word) where doubtful;
