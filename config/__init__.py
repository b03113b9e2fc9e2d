"""What may differ between deployments, and when things run."""
