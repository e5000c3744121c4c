"""The forms of the backoffice's pages; the services behind them decide again."""
