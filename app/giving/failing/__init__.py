"""Renewals that fail or soon might: what is told, and who is still to be won back."""
