"""All code asks for the connection `default`; where there are several clusters, the scope says which one that is (ADR 0015).

So nobody has to remember `using=`: ORM, `connection`, `transaction.atomic()`, `on_commit` and locks go to the cluster of the
tenant in scope. Who takes a wrapper by another name is refused by the witness at its first statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import connections
from django.db.utils import ConnectionHandler

from tenants.backend.joint import join_open_transaction
from tenants.clusters import DEFAULT, has_several
from tenants.scope import current_scope

if TYPE_CHECKING:
    from tenants.backend.base import DatabaseWrapper


class ClusterHandler(ConnectionHandler):
    """Django's table of connections, in which `default` is that of the scope's cluster."""

    def __getitem__(self, alias: str) -> Any:  # Any: Django's own signature
        scope = current_scope()
        here = DEFAULT if scope is None else scope.database
        wrapper = cast("DatabaseWrapper", super().__getitem__(here if alias == DEFAULT else alias))
        # Also by its own name, as the router has it for the ORM. Another cluster's is refused by the witness anyhow.
        if scope is not None and wrapper.alias == here and not (wrapper.in_atomic_block or wrapper.is_connecting):
            join_open_transaction(wrapper, self.all(initialized_only=True))
        return wrapper

    def all(self, initialized_only: bool = False) -> list[Any]:  # noqa: FBT001, FBT002  # Any, and the bare bool: Django's own signature
        """Each cluster's own connection, whatever the scope: old ones are closed and new ones counted by this list."""
        aliases = [alias for alias in self if not initialized_only or hasattr(self._connections, alias)]  # type: ignore[attr-defined]  # Django's own, not in its stubs
        return [super(ClusterHandler, self).__getitem__(alias) for alias in aliases]


def follow_scopes() -> None:
    """Have Django's own table do so, where there are several clusters; with one nothing changes and nothing costs."""
    if has_several():
        # The object is imported by name all over Django, so it is the object itself that has to learn this.
        connections.__class__ = ClusterHandler
