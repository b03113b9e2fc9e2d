"""The ledger and the papers made of it: receipts, statements, histories, totals."""
