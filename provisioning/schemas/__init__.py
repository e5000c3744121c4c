"""Empty tenant schemas: one template by the real migrations, copies of it by one script."""
