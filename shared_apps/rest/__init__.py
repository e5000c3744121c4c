"""What the APIs of both hosts share: keys, access, problems, paging, repetition, description."""
