"""The switches of the control page: trouble on demand, and time. Each is an act with a sentence of what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from integrations.stripe.fake.billing.periods import add_months
from integrations.stripe.fake.faults import CardFault, Fault
from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, bad_param
from integrations.stripe.fake.resources.payments import end_dispute, open_dispute, refund_charge

_DAY: Final = 86_400
_EXPIRED: Final = {"exp_month": 1, "exp_year": 2020}


class Control:
    """Acts by name; what they take comes as form fields."""

    def __init__(self, local: LocalStripe, outgoing: Outgoing) -> None:
        self._local = local
        self._outgoing = outgoing
        self.acts: Mapping[str, Callable[[Params], str]] = {
            "advance": self._advance,
            "fault": self._fault,
            "clear": self._clear,
            "payment": self._payment,
            "expire_card": self._expire_card,
            "refund": self._refund,
            "dispute": self._dispute,
            "end_dispute": self._end_dispute,
            "webhooks": self._webhooks,
            "drop": self._drop,
            "resend": self._resend,
            "settings": self._settings,
        }

    def act(self, name: str, params: Params) -> str:
        """Do it; refuses names and parameters that it does not know."""
        act = self.acts.get(name)
        if act is None:
            raise bad_param(f"There is no switch {name}.", "act")
        told = act(params)
        params.refuse_unread()
        return told

    def state(self) -> Obj:
        """How everything is switched."""
        faults, outgoing = self._local.faults, self._outgoing
        return {
            "now": self._local.now(),
            "faults": [{"fault": each.fault, "times": each.times, "only": each.only} for each in faults.planned],
            "payments": dict(faults.payments),
            "webhooks": {
                "held": outgoing.is_held,
                "duplicates": outgoing.duplicates,
                "reorders": outgoing.reorders,
                "drops": outgoing.drops,
                "waiting": len(self._local.store.fresh),
            },
            "retry_days": self._local.store.settings.get("retry_days", [3, 5, 7]),
            "after_retries": self._local.store.settings.get("after_retries", "unpaid"),
        }

    def _advance(self, params: Params) -> str:
        now = self._local.now()
        until = add_months(now, params.whole("months") or 0)
        until += (params.whole("days") or 0) * _DAY + (params.whole("seconds") or 0)
        if until <= now:
            raise bad_param("Time goes forward only.", "days")
        self._local.advance(until - now)
        return "Time moved on."

    def _fault(self, params: Params) -> str:
        fault = Fault(params.choice("fault", tuple(Fault), Fault.LOST))
        times = params.whole("times") or 1
        self._local.faults.plan(fault, times=times, only=params.text("only"), seconds=float(params.decimal("seconds") or 0))
        return f"The next {times} request(s): {fault}."

    def _clear(self, _params: Params) -> str:
        self._local.faults.planned.clear()
        self._local.faults.payments.clear()
        self._outgoing.drops = 0
        return "No trouble is planned any more."

    def _payment(self, params: Params) -> str:
        fault = CardFault(params.choice("what", tuple(CardFault), CardFault.DECLINE))
        self._local.faults.payments[params.text("customer")] = fault
        return f"The next payment: {fault}."

    def _expire_card(self, params: Params) -> str:
        unit = self._local.unit()
        method = unit.get("payment_method", params.required("payment_method"))
        method["card"] |= _EXPIRED
        unit.tell("payment_method.updated", method)
        unit.commit()
        return f"The card ending in {method['card']['last4']} has expired."

    def _refund(self, params: Params) -> str:
        unit = self._local.unit()
        charged = unit.get("charge", params.required("charge"))
        amount = params.whole("amount")
        made = refund_charge(unit, charged, charged["amount"] - charged["amount_refunded"] if amount is None else amount)
        unit.commit()
        return f"{made['id']} gave {made['amount']} back."

    def _dispute(self, params: Params) -> str:
        unit = self._local.unit()
        made = open_dispute(unit, params.required("charge"))
        unit.commit()
        return f"{made['id']} is open."

    def _end_dispute(self, params: Params) -> str:
        unit = self._local.unit()
        ended = end_dispute(
            unit, unit.get("dispute", params.required("dispute")), params.choice("status", ("won", "lost"), "lost")
        )
        unit.commit()
        return f"{ended['id']} is {ended['status']}."

    def _webhooks(self, params: Params) -> str:
        outgoing = self._outgoing
        outgoing.is_held = params.flag("held", default=outgoing.is_held)
        outgoing.duplicates = params.flag("duplicates", default=outgoing.duplicates)
        outgoing.reorders = params.flag("reorders", default=outgoing.reorders)
        return "Webhooks are switched."

    def _drop(self, params: Params) -> str:
        self._outgoing.drops = params.whole("count") or 1
        return f"The next {self._outgoing.drops} webhook(s) are lost."

    def _resend(self, params: Params) -> str:
        self._outgoing.send_again(params.required("event"))
        return "It is sent again."

    def _settings(self, params: Params) -> str:
        days = [int(day) for day in params.text("retry_days").replace(" ", "").split(",") if day.isdecimal()]
        after = params.choice("after_retries", ("cancel", "unpaid", "past_due"), "unpaid")
        self._local.set(retry_days=days, after_retries=after)
        return "Retries are set."
