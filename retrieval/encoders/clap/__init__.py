"""LAION-CLAP: its space, its towers, its checkpoints."""
