"""Tags by which the console tells what was done."""
