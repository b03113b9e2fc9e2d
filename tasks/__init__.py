"""Work done away from the reader: each job drains what is owed, one service call a row."""
