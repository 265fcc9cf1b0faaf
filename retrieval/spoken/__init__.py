"""What is said in a recording: told by a table, written beside it, or recognised."""
