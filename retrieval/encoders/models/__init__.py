"""Models that are fetched once and kept: which are known, where they lie, how they come."""
