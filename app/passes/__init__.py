"""The room of passes: how the newsroom's own site knows a patron, and learns nothing else."""
