"""The control page: time, trouble and what there is."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.stripe.fake.control import Control
from integrations.stripe.fake.faults import CardFault, Fault
from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.unit import Unit
from integrations.stripe.fake.web.html import Markup, Page, alert, field_of, form, moment, money, page, table, tag

_ROWS = 25


class ControlPage:
    """All switches on one page; each is a form, so that it works without script, and by `curl`."""

    def __init__(self, local: LocalStripe, control: Control) -> None:
        self._local = local
        self._control = control

    def show(self, *, message: str = "", status: int = 200) -> Page:
        """The page as everything stands."""
        unit = self._local.unit()
        told = (alert(message) if status != 200 else tag("p", message, role="status")) if message else ""  # noqa: PLR2004  # success
        columns = tag("div", self._time(), self._payments(unit), self._requests(), self._webhooks(), class_="columns")
        lists = tag(
            "div", self._subscriptions(unit), self._cards(unit), self._charges(unit), self._events(unit), class_="stack"
        )
        return page("Control", told, columns, tag("p"), lists, status=status)

    def _time(self) -> Markup:
        spans = (("a day", "days", "1"), ("a week", "days", "7"), ("a month", "months", "1"), ("a year", "months", "12"))
        buttons = [
            form("/_control/advance", label=f"Forward {span}", hidden={name: n}, class_="inline") for span, name, n in spans
        ]
        told = tag("p", f"It is {moment(self._local.now())} here.")
        return tag("section", tag("h2", "Time"), told, *buttons, self._retries())

    def _retries(self) -> Markup:
        state = self._control.state()
        days = ", ".join(str(day) for day in state["retry_days"])
        after = _choice("after_retries", "Then the subscription is", ("cancel", "unpaid", "past_due"), state["after_retries"])
        fields = field_of("retry_days", "Days between the tries of a payment", value=days)
        return form("/_control/settings", fields, after, label="Set retries", class_="second")

    def _payments(self, unit: Unit) -> Markup:
        customers = [("", "Whoever pays next")]
        customers += [(each["id"], f"{each['name'] or each['email']} ({each['id']})") for each in unit.all("customer")][:100]
        who = _select("customer", "Customer", customers)
        what = _choice("what", "The bank", tuple(CardFault), CardFault.DECLINE)
        return tag("section", tag("h2", "The next payment"), form("/_control/payment", who, what, label="Let it happen"))

    def _requests(self) -> Markup:
        planned = [(each["fault"], each["times"], each["only"] or "any") for each in self._control.state()["faults"]]
        fields = [
            _choice("fault", "What happens", tuple(Fault), Fault.LOST),
            field_of("times", "How many times", value="1", inputmode="numeric"),
            field_of("only", "Only requests that contain", hint="Like POST /v1/subscriptions; empty for any."),
            field_of("seconds", "Seconds, for slow", value="5", inputmode="numeric"),
        ]
        clear = form("/_control/clear", label="No more trouble", class_="second")
        known = table("Planned", ("What", "Times", "Only"), planned)
        return tag("section", tag("h2", "Requests"), form("/_control/fault", *fields, label="Plan it"), known, clear)

    def _webhooks(self) -> Markup:
        switches = self._control.state()["webhooks"]
        buttons = []
        for name, on, off in (
            ("held", "Hold them back", "Let them go"),
            ("duplicates", "Send each twice", "Send each once"),
            ("reorders", "Send the newest first", "Send in order"),
        ):
            is_on = switches[name]
            buttons.append(
                form(
                    "/_control/webhooks",
                    label=off if is_on else on,
                    hidden={name: "false" if is_on else "true"},
                    class_="inline",
                )
            )
        drop = form(
            "/_control/drop", field_of("count", "How many are lost for ever", value="1"), label="Lose them", class_="second"
        )
        return tag("section", tag("h2", "Webhooks"), tag("p", f"{switches['waiting']} wait."), *buttons, drop)

    def _subscriptions(self, unit: Unit) -> Markup:
        rows = [
            (
                tag("code", each["id"]),
                each["status"],
                tag("code", each["customer"]),
                moment(each["items"]["data"][0]["current_period_end"]),
            )
            for each in _first(unit.all("subscription"))
        ]
        return tag("section", table("Subscriptions", ("Id", "Status", "Customer", "Period ends"), rows))

    def _cards(self, unit: Unit) -> Markup:
        rows = [
            (
                f"{each['card']['brand']} {each['card']['last4']}",
                f"{each['card']['exp_month']:02d}/{each['card']['exp_year']}",
                tag("code", each["customer"]),
                form("/_control/expire_card", label="Let it expire", hidden={"payment_method": each["id"]}, class_="inline"),
            )
            for each in _first(each for each in unit.all("payment_method") if each["customer"])
        ]
        return tag("section", table("Cards", ("Card", "Expires", "Customer", "Switch"), rows))

    def _charges(self, unit: Unit) -> Markup:
        rows = [
            (
                tag("code", each["id"]),
                money(each["amount"], each["currency"]),
                each["status"],
                "disputed" if each["disputed"] else "refunded" if each["refunded"] else "",
                self._back(each),
            )
            for each in _first(unit.all("charge"))
        ]
        open_ones = [
            form(
                "/_control/end_dispute",
                label=f"{each['id']} is {word}",
                hidden={"dispute": each["id"], "status": word},
                class_="inline",
            )
            for each in unit.all("dispute")
            if each["status"] == "needs_response"
            for word in ("won", "lost")
        ]
        return tag("section", table("Charges", ("Id", "Amount", "Status", "Since", "Switch"), rows), *open_ones)

    def _back(self, charged: Obj) -> Markup:
        """What can happen to a charge that was paid."""
        wanted = [("dispute", "Dispute it")] if not charged["disputed"] else []
        wanted += [("refund", "Refund it")] if not charged["refunded"] else []
        hidden = {"charge": charged["id"]}
        made = [form(f"/_control/{act}", label=label, hidden=hidden, class_="inline") for act, label in wanted]
        return tag("div", *made) if charged["paid"] else tag("div")

    def _events(self, unit: Unit) -> Markup:
        rows = [
            (
                moment(each["created"]),
                each["type"],
                "waits" if each["_waiting"] else f"sent {each['_attempts']} time(s)",
                form("/_control/resend", label="Send again", hidden={"event": each["id"]}, class_="inline"),
            )
            for each in _first(unit.all("event"))
        ]
        return tag("section", table("Events", ("When", "What", "Webhook", "Switch"), rows))


def _first[T](found: Iterable[T]) -> list[T]:
    return [each for each, _ in zip(found, range(_ROWS), strict=False)]


def _select(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str = "") -> Markup:
    written = [tag("option", shown, value=value, selected=value == chosen) for value, shown in options]
    return tag("p", tag("label", label, for_=name), tag("select", *written, id=name, name=name))


def _choice(name: str, label: str, options: Iterable[str], chosen: str) -> Markup:
    return _select(name, label, [(str(option), str(option).replace("_", " ")) for option in options], str(chosen))
