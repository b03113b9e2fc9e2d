"""How we speak with the payment provider; knows nothing of the rules of pledges."""
