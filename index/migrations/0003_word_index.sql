-- Words are ranked by an index in files and memory, which is derived from passages and documents.
drop table word_index;
drop view passage_words;

-- Documents that have got another title or other words since their passages were made.
create table changed_words (
  document_id integer primary key references documents on delete cascade,
  generation integer not null
);
create index changed_words_generation on changed_words (generation);

-- A stamp for each change: what was derived from a generation of this library has its stamp.
create table generations (
  number integer primary key,
  stamp blob not null
);
insert into generations select generation, randomblob(8) from library;

-- What filters by date reads no other documents.
drop index documents_kind;
create index documents_kind on documents (kind, date);
create index documents_date on documents (date) where date is not null;
