"""What staff may read of patrons, money and votes; only sums of it are written here."""
