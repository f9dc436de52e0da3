"""Answer: command line, HTTP API and web chat. Knows `index` and `ingest`."""
