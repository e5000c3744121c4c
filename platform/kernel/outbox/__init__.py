"""The transactional outbox: events and jobs wait in a table of the change's own transaction and are relayed until done (R30)."""
