"""The reader's rights: what is kept about people and why, what they agreed to, when it goes."""
