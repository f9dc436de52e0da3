"""Where the sources of papers are asked, unless the settings say otherwise."""

ARXIV_API_URL = "https://export.arxiv.org/api/query"
OAI_URL = "https://oaipmh.arxiv.org/oai"
DATACITE_URL = "https://api.datacite.org/dois"
