"""One module for each kind of object: its routes, and what they do."""
