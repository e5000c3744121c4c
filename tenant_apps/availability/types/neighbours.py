"""What the slot search asks of other apps: of the ones below by shape, of the ones above by registration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tenant_apps.availability.types.diary import Busy


class BookableProvider(Protocol):
    """What slots need to know of a provider; `providers.Provider` is one."""

    @property
    def pk(self) -> int: ...

    @property
    def time_zone(self) -> str: ...


class BookableService(Protocol):
    """What slots need to know of a service; `catalog.Service` is one. Read `provider` with `select_related`."""

    @property
    def pk(self) -> int: ...

    @property
    def provider(self) -> BookableProvider: ...

    @property
    def duration_minutes(self) -> int: ...

    @property
    def grid_step_minutes(self) -> int: ...

    @property
    def buffer_before_minutes(self) -> int: ...

    @property
    def buffer_after_minutes(self) -> int: ...

    @property
    def min_notice_minutes(self) -> int: ...

    @property
    def horizon_days(self) -> int: ...

    @property
    def max_per_day(self) -> int | None: ...

    @property
    def max_per_week(self) -> int | None: ...


class BusySource(Protocol):
    """An app that knows what takes providers' time, and hands it to the slot search.

    Returns, in any order, (provider's pk, busy time) for whatever is live at `now` and reaches, buffers included, into
    `[starts_at, ends_at)`; more does no harm. `ignoring` holds public ids of bookings that shall not stand in the way:
    the one that is being moved, or the customer's own hold. A source that cannot answer raises: an error is never free
    time. Called once for all providers of a search, so it must not query for each.
    """

    def __call__(
        self,
        *,
        provider_ids: Sequence[int],
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
        ignoring: frozenset[UUID],
    ) -> Iterable[tuple[int, Busy]]: ...


class EditableProvider(BookableProvider, Protocol):
    """What editing hours needs to know besides: whose they are."""

    @property
    def user_id(self) -> int | None: ...
