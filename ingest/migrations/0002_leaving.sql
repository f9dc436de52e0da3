-- What nothing follows any more and whose documents are still to be removed: a run that is stopped
-- in between leaves that to the next one.
create table leaving (
  child text primary key
) without rowid;
