"""Journal Club beside other libraries: same machine, same texts, same vectors, one run."""
