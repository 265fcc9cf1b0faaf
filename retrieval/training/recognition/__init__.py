"""Training of the recogniser: voice, words, and both together."""
