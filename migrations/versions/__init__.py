"""The revisions, in the order of their file names: ``NUMBER_what_changes.py``."""
