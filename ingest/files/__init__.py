"""Read the files that people have: lists, snapshots, bibliographies and saved threads."""
