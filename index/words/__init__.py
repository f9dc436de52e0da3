"""Search by words: the terms of texts, and an exact BM25 index of them."""
