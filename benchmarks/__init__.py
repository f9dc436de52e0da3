"""Measurements that are run by hand and reported, never timed in a test."""
