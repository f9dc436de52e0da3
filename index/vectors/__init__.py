"""Search by vector: exact while it is fast enough, by codes beyond."""
