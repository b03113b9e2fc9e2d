"""What a patron asks of a pledge: change, pause, leave, stay, come back, another card."""
