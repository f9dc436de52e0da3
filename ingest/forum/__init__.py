"""Bring in the topics of a Discourse forum."""
