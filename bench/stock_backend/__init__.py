"""django-tenants' database backend as it comes, except that it makes the same indexes as ours."""
