"""A stand-in for the outside: arXiv, DataCite and a forum on loopback, with faults on a script."""
