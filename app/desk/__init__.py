"""The payment desk: what staff look at when money and Stripe are to be kept in order."""
