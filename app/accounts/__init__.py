"""Who may come in: readers and patrons by a letter, staff with a second factor besides."""
