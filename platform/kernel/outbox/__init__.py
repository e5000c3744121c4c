"""The transactional outbox: events and jobs wait in a table of the change's own transaction until they are handled (R30)."""
