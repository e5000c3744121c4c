"""`make prove`: the isolation, race and fault suites against real processes, counted."""
