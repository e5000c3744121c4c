"""What goes wrong with tenancy; programming errors, never shown as a form error."""


class TenancyError(RuntimeError):
    """A tenant boundary was missing or would have been crossed."""


class NoTenant(TenancyError):
    """Database, cache, storage or a task was used outside of any scope."""


class WrongTenant(TenancyError):
    """An object, cursor or value of one scope was used in another."""


class MissingSchema(TenancyError):
    """The scope's schema does not exist in the database (PostgreSQL would silently skip it on the path)."""
