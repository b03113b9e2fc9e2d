"""Topics that patrons suggest, from the first line to what the newsroom makes of them."""
