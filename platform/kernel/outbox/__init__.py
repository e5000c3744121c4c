"""The transactional outbox: events wait in a table of the change's own transaction and are relayed until handled (R30)."""
