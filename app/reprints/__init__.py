"""The room of reprints: who asks to print our work elsewhere, and what was permitted."""
