"""Pledges, the money they bring and the receipts owed for it."""
