"""One search over several voices: spaces, words and transcripts."""
