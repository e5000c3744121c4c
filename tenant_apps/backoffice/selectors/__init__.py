"""What the backoffice's pages read, put together from the selectors of the apps below."""
