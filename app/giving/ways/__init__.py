"""Other ways to support, kept by staff."""
