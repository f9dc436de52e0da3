"""Measure how good searches and answers are: on collections with judgements, on own questions."""
