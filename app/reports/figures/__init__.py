"""The reports, one module each: a question, the figures that answer it, the rows behind them."""
