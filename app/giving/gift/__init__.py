"""What a reader meets: the appeal, the form of a gift, the way to the page that takes the money."""
