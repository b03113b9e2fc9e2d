"""Gifts that came to the bank: statements read, their lines matched to givers and booked."""
