"""The inventory: every kind of personal data, where it lies, why, for how long, and who sees it."""
