"""Two streams of frames made one space, and the tables that say what it gains."""
