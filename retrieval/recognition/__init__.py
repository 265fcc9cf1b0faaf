"""What can be recognised in a voice: so far, what a person can measure and read of it."""
