"""Jobs of the voting room."""
