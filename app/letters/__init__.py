"""Letters owed to people: written when they are sent, sent until they have gone, once each."""
