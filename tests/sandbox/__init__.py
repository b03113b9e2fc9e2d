"""A stand-in for the outside world: Stripe at one API version, and a mailbox."""
