"""A newsroom's own site on another origin: plain pages that carry the elements."""
