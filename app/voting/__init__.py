"""Rounds in which patrons choose the topics the newsroom covers next."""
