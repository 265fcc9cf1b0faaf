"""Nearest neighbours: int64 ids and float32 vectors, in memory and on disk, and nothing else."""
