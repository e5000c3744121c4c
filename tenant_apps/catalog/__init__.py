"""What is offered: categories and services."""
