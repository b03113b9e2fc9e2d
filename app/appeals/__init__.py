"""Appeals under articles: what they say, what stands on the newsroom's pages, what came of it."""
