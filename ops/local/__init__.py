"""PostgreSQL and Redis from wheels, as child processes that never outlive the command that started them."""
