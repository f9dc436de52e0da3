"""Tell which papers a post is about."""
