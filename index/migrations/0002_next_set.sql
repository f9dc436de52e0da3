-- A second set of passages, made beside the one that is searched until it takes its place.
create table next_set (
  id integer primary key check (id = 1),
  model text not null,
  model_revision text not null,
  dimension integer not null
);

-- The documents whose passages are in the next set, each with the digest of what they were made of.
create table next_documents (
  document_id integer primary key references documents on delete cascade,
  made_of blob not null
);

create table next_passages (
  id integer primary key,
  document_id integer not null references next_documents on delete cascade,
  start integer not null,
  "end" integer not null,
  digest blob,
  vector blob,
  check (start < "end"),
  check ((digest is null) = (vector is null))
);
create index next_passages_document on next_passages (document_id, start);
create index next_passages_digest on next_passages (digest) where digest is not null;

-- Those that are to be stored again are few or none: finding them reads no others.
create index documents_forgotten on documents (id) where fingerprint = x'';
