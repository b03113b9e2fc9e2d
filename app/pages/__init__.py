"""Pages that belong to no single room: the front page, the theme, health and metrics."""
