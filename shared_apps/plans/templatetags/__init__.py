"""Tags by which pages show what plans have."""
