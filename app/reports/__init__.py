"""What staff may read; nothing here writes."""
