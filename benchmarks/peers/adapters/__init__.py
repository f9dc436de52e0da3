"""One module for each library compared: how its own documentation says to use it."""
