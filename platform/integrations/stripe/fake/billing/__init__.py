"""What happens to subscriptions and invoices, by command or by time."""
