"""How readers came to the giving page, and how far they went."""
