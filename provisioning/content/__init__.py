"""What a new marketplace is filled with: blueprints for every kind, and whole samples for the demo."""
