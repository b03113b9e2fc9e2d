"""What staff may read of patrons, money and votes; nothing here writes."""
