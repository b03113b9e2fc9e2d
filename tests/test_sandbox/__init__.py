"""The sandbox behaves as Stripe and a mailbox do."""
