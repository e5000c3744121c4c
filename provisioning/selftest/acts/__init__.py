"""How each attempt of an isolation test is made, a module for each family (`shared_apps.isolation.types`)."""
