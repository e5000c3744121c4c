"""What the console reads of the inbox: how far it is behind, what did not get through, one event, and the rounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import CharField, Count, Exists, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from kernel import clock
from kernel.actor import Actor
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.paging import Page, fetch_page
from shared_apps.webhook_inbox.errors import EventNotFound
from shared_apps.webhook_inbox.models import ForgottenEvents, ReconcileRound, WebhookEvent
from shared_apps.webhook_inbox.rules import KEY_OF_JOBS, counter_name, shown_state
from shared_apps.webhook_inbox.types import COUNTED, EventState, Shown

VIEW: Final = "outbox.view"
PAGE_SIZE: Final = 25
ROUNDS_SHOWN: Final = 6
_DAY: Final = timedelta(days=1)
_COUNTED_DAYS: Final = 7
BADGES: Final = {
    Shown.GIVEN_UP: "bad",
    Shown.FAILING: "warn",
    Shown.WAITING: "info",
    Shown.QUARANTINED: "warn",
    Shown.APPLIED: "ok",
    Shown.IGNORED: "",
}
_UNSETTLED: Final = (EventState.WAITING, EventState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class InboxStatus:
    """Events in each shown state (of what is done, within a day), how long the oldest waits, when the last one came."""

    counts: dict[Shown, int]
    lag: timedelta
    last_at: datetime | None

    @property
    def stuck(self) -> int:
        """How many wait for a person."""
        return self.counts[Shown.GIVEN_UP] + self.counts[Shown.QUARANTINED]

    @property
    def lag_minutes(self) -> int:
        return int(self.lag.total_seconds()) // 60

    @property
    def waiting(self) -> int:
        return self.counts[Shown.WAITING]

    @property
    def failed(self) -> int:
        """How many did not work so far: those that are tried again, and those that were given up."""
        return self.counts[Shown.FAILING] + self.counts[Shown.GIVEN_UP]

    @property
    def quarantined(self) -> int:
        return self.counts[Shown.QUARANTINED]

    @property
    def applied(self) -> int:
        return self.counts[Shown.APPLIED]

    @property
    def ignored(self) -> int:
        return self.counts[Shown.IGNORED]


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as lists and its page show it."""

    event: WebhookEvent
    shown: Shown

    @property
    def badge(self) -> str:
        """The kind of badge that its state wears."""
        return BADGES[self.shown]

    @property
    def is_replayable(self) -> bool:
        """Whether nobody is at it already."""
        return self.shown not in {Shown.WAITING, Shown.FAILING}

    @property
    def payload_text(self) -> str:
        """Its object as it is kept; empty when it is not any more."""
        return json.dumps(self.event.payload, indent=2, ensure_ascii=False) if self.event.payload is not None else ""


def inbox_status(actor: Actor) -> InboxStatus:
    """How the inbox is doing (three queries).

    Raises:
        PermissionDenied: the actor may not see it.
    """
    actor.require(VIEW)
    now = clock.now()
    waiting = Q(state=EventState.WAITING)
    open_ones = with_fate(WebhookEvent.objects.filter(state__in=_UNSETTLED)).aggregate(
        given_up=Count("pk", filter=waiting & Q(is_dead=True)),
        failing=Count("pk", filter=waiting & Q(is_dead=False, failures__gt=0)),
        waiting=Count("pk", filter=waiting & Q(is_dead=False, failures=0)),
        quarantined=Count("pk", filter=Q(state=EventState.QUARANTINED)),
        oldest=Min("received_at", filter=waiting),
    )
    oldest = open_ones.pop("oldest")
    over = WebhookEvent.objects.filter(state__in=(EventState.APPLIED, EventState.IGNORED), received_at__gt=now - _DAY)
    counts = dict.fromkeys(Shown, 0) | {Shown(name): count for name, count in open_ones.items()}
    counts |= {Shown(name): count for name, count in over.values_list("state").annotate(count=Count("pk"))}
    last_at = WebhookEvent.objects.filter(is_found=False).order_by("-id").values_list("received_at", flat=True).first()
    return InboxStatus(counts, max(now - oldest, timedelta()) if oldest else timedelta(), last_at)


def stuck_count() -> int:
    """How many events wait for a person: given up, or in quarantine (one query)."""
    return stuck_events().count()


def stuck_events() -> QuerySet[WebhookEvent]:
    """Those events."""
    return with_fate(WebhookEvent.objects.filter(state__in=_UNSETTLED)).filter(
        Q(state=EventState.QUARANTINED) | Q(is_dead=True)
    )


def event_page(actor: Actor, *, shown: str = "", search: str = "", cursor: str | None = None) -> Page[WebhookEvent]:
    """Events, the newest first: in one shown state where asked, and by an id or the beginning of a type (one query).

    Raises:
        PermissionDenied, Invalid: the actor may not see them; the cursor is none of ours.
    """
    actor.require(VIEW)
    events = with_fate(WebhookEvent.objects.defer("payload"))
    if shown in Shown.values:
        events = events.filter(_is_shown_as(Shown(shown)))
    if word := search.strip():
        ids = Q(event_id=word) | Q(object_id=word) | Q(customer_id=word) | Q(account_id=word)
        events = events.filter(ids | Q(type__startswith=word))
    return fetch_page(events, order=("-id",), cursor=cursor, limit=PAGE_SIZE)


def get_event(actor: Actor, event_id: str) -> EventLine:
    """One event with its object as it came (one query).

    Raises:
        PermissionDenied: the actor may not see it.
        EventNotFound: there is none.
    """
    actor.require(VIEW)
    event = with_fate(WebhookEvent.objects.filter(event_id=event_id)).first()
    if event is None:
        raise EventNotFound(_("There is no such event."))
    return line_of(event)


def events_of_same_object(actor: Actor, event: WebhookEvent) -> list[EventLine]:
    """Other events that lead to the same object, the newest ten (one query)."""
    actor.require(VIEW)
    if not event.object_id:
        return []
    others = WebhookEvent.objects.defer("payload").filter(object_id=event.object_id, account_id=event.account_id)
    return [line_of(one) for one in with_fate(others.exclude(pk=event.pk)).order_by("-id")[:10]]


def line_of(event: WebhookEvent) -> EventLine:
    """An event that was read `with_fate`, as it is shown."""
    is_dead: bool = event.is_dead  # type: ignore[attr-defined]  # annotated by `with_fate`
    return EventLine(event, shown_state(EventState(event.state), failures=event.failures, is_dead=is_dead))


def newest_rounds(actor: Actor) -> Sequence[ReconcileRound]:
    """The reconciler's latest rounds (one query)."""
    actor.require(VIEW)
    return list(ReconcileRound.objects.order_by("-slot_at")[:ROUNDS_SHOWN])


def forgotten_count(actor: Actor) -> int:
    """How many applied events are counted and not kept any more (one query)."""
    actor.require(VIEW)
    return int(ForgottenEvents.objects.aggregate(sum=Sum("count", default=0))["sum"])


def refusal_counts(actor: Actor) -> list[tuple[Promise, int]]:
    """What was refused, or came once more, within seven days, by its reason; nothing while Redis is away (no query)."""
    actor.require(VIEW)
    today = clock.now().date()
    names = {
        code: [counter_name(code, (today - timedelta(days=back)).isoformat()) for back in range(_COUNTED_DAYS)]
        for code in COUNTED
    }
    try:
        found = cache.get_many([name for days in names.values() for name in days])
    except RedisError:
        return []
    sums = {code: sum(int(found.get(name, 0)) for name in days) for code, days in names.items()}
    return [(label, sums[code]) for code, label in COUNTED.items() if sums[code]]


def is_given_up(event: WebhookEvent) -> bool:
    """Whether the job of its life is a dead letter (one query)."""
    return with_fate(WebhookEvent.objects.filter(pk=event.pk, state=EventState.WAITING)).filter(Q(is_dead=True)).exists()


def with_fate(events: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
    """Each with `is_dead`: whether it waits, and its job was given up. That stands in the outbox and nowhere else."""
    key = Concat(Value(KEY_OF_JOBS), OuterRef("event_id"), Value(":"), Cast(OuterRef("life"), CharField()))
    dead = OutboxMessage.objects.filter(tenant_id=None, key=key, state=MessageState.DEAD)
    return events.annotate(is_dead=Exists(dead))


def _is_shown_as(shown: Shown) -> Q:
    waiting = Q(state=EventState.WAITING)
    match shown:
        case Shown.GIVEN_UP:
            return waiting & Q(is_dead=True)
        case Shown.FAILING:
            return waiting & Q(is_dead=False, failures__gt=0)
        case Shown.WAITING:
            return waiting & Q(is_dead=False, failures=0)
    return Q(state=shown.value)
