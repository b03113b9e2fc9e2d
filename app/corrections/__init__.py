"""What readers find wrong in articles, what staff make of it, and the public log of corrections."""
