"""What runs the project on a machine: environment, local servers, demo, lint rules. Imported by nothing else."""
