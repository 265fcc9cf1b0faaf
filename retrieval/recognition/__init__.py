"""Which emotion a voice and its words have, by themselves and together."""
