"""Spaces made of two streams of frames, joined by transport (see docs/fusion.md)."""
