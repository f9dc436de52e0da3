"""Texts become vectors: the packaged model and others, by OpenVINO and torch."""
