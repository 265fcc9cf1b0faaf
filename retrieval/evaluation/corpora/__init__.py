"""Published corpora as they are unpacked: one file a layout, each read as rows of a table."""
