"""Words laid on speech: which frames a word looks at, and when it is said."""
