create table library (
  id integer primary key check (id = 1),
  generation integer not null default 0,
  model text,
  model_revision text,
  dimension integer
);
insert into library (id) values (1);

create table documents (
  id integer primary key autoincrement,
  key text not null unique,
  kind text not null,
  title text not null,
  text text not null,
  url text,
  date text,
  topic_id integer,
  post_number integer,
  version integer,
  likes integer,
  context text not null,
  words text not null,
  embedded integer not null,
  revision integer not null,
  fingerprint blob not null
);
create index documents_kind on documents (kind);
create index documents_topic on documents (topic_id) where topic_id is not null;

-- Values to filter by and to show, in order; folded is lower case without accents.
create table facets (
  document_id integer not null references documents on delete cascade,
  name text not null check (name in ('author', 'category', 'paper')),
  position integer not null,
  value text not null,
  folded text not null,
  primary key (document_id, name, position)
) without rowid;
create index facets_value on facets (name, folded);

-- Earlier texts of a document, for answers that quoted them.
create table revisions (
  key text not null,
  revision integer not null,
  title text not null,
  text text not null,
  primary key (key, revision)
) without rowid;

-- The last revision of each removed document: a number of a key never names two texts.
create table removed_documents (
  key text primary key,
  revision integer not null
) without rowid;

create table passages (
  id integer primary key autoincrement,
  document_id integer not null references documents on delete cascade,
  start integer not null,
  "end" integer not null,
  digest blob,
  vector blob,
  generation integer not null,
  check (start < "end"),
  check ((digest is null) = (vector is null))
);
create index passages_document on passages (document_id);
create index passages_digest on passages (digest) where digest is not null;
create index passages_generation on passages (generation);

-- What the vector index must forget to catch up. Ids are never used twice.
create table removed_passages (
  id integer primary key,
  generation integer not null
);
create index removed_generation on removed_passages (generation);

create view passage_words as
  select p.id as id, d.title as title, d.words as words,
         substr(d.text, p.start + 1, p."end" - p.start) as text
  from passages p join documents d on d.id = p.document_id;

create virtual table word_index using fts5 (
  title, words, text,
  content = 'passage_words', content_rowid = 'id',
  tokenize = 'porter unicode61 remove_diacritics 2'
);
