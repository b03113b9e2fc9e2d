"""Money that goes back: refunds, disputes, and what they do to a pledge."""
