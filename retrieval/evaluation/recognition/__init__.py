"""`affetto evaluate recognition`: what is recognised in voices and words, at what cost."""
