-- Passages are smaller and found by more words: what is embedded is split anew by the next ingest.
update documents set fingerprint = x'' where embedded;

-- What was saved of words and vectors before is of another library from now on.
update generations set stamp = randomblob(8);

-- A second set of passages that is half made has the old ones.
delete from next_passages;
delete from next_documents;
delete from next_set;
