"""Encoders: sound or words to raw vectors, and the spaces they come in."""
