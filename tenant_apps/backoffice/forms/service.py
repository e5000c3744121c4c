"""A service: what it is, what it costs, and how it can be booked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from babel.numbers import get_currency_symbol
from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kernel.errors import Invalid
from kernel.money import Money, format_money, parse_money
from tenant_apps.catalog.types import Approval, ServiceDetails, ServiceDraft
from tenants.context import TenantContext
from webui.formats import current_locale, duration_text
from webui.forms import AffixInput, Card, RadioCards, StoaForm

_DURATIONS: Final = (15, 20, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 300, 360, 480)
_BUFFERS: Final = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120)
_STEPS: Final = (10, 15, 20, 30, 60)
_NOTICES: Final = (0, 60, 120, 240, 12 * 60, 24 * 60, 48 * 60, 72 * 60, 7 * 24 * 60)
_HORIZONS: Final = (7, 14, 30, 60, 90, 180, 365)
_HOUR: Final = 60
_DAY: Final = 24 * 60

type Choices = list[tuple[int, str]]


class ServiceForm(StoaForm):
    """Everything a provider decides about a service. Fields are named as in `ServiceDraft`, so that refusals find them."""

    title = forms.CharField(label=_("Title"), max_length=120)
    category_id = forms.TypedChoiceField(label=_("Category"), coerce=UUID)
    price = forms.CharField(label=_("Price"), max_length=40, help_text=_("What the customer pays. 0 is free."))
    duration_minutes = forms.TypedChoiceField(label=_("Takes"), coerce=int)
    summary = forms.CharField(label=_("In one sentence"), max_length=200, required=False, help_text=_("Stands on the card."))
    description = forms.CharField(label=_("Description"), max_length=8000, required=False, widget=forms.Textarea({"rows": 6}))
    included = forms.CharField(
        label=_("What is included"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One thing per line, up to twelve."),
    )
    place = forms.CharField(label=_("Where"), max_length=120, required=False)
    approval = forms.ChoiceField(
        label=_("When somebody books"),
        widget=RadioCards,
        choices=[
            (Approval.INSTANT.value, Card(_("It stands at once"), _("Most booked. Your hours decide."), icon="zap")),
            (Approval.REQUEST.value, Card(_("I confirm each"), _("The time is kept until you answer."), icon="hourglass")),
        ],
    )
    buffer_before_minutes = forms.TypedChoiceField(label=_("Kept free before"), coerce=int)
    buffer_after_minutes = forms.TypedChoiceField(label=_("Kept free after"), coerce=int)
    grid_step_minutes = forms.TypedChoiceField(label=_("Start times every"), coerce=int)
    min_notice_minutes = forms.TypedChoiceField(label=_("Book at least this long before"), coerce=int)
    cancel_notice_minutes = forms.TypedChoiceField(label=_("Free to cancel until"), coerce=int)
    horizon_days = forms.TypedChoiceField(label=_("Can be booked ahead"), coerce=int)
    max_per_day = forms.IntegerField(label=_("At most a day"), required=False, min_value=1, max_value=100)

    def __init__(
        self, *args: Any, tenant: TenantContext, categories: Sequence[tuple[UUID, str]], **kwargs: Any
    ) -> None:  # Any: passed through to Django
        super().__init__(*args, **kwargs)
        self._tenant = tenant
        locale = current_locale(tenant.locale)
        symbol = get_currency_symbol(tenant.currency, locale)
        self.fields["price"].widget = AffixInput({"inputmode": "decimal", "autocomplete": "off"}, prefix=symbol)
        self._offer("category_id", [("", _now("Choose one")), *((str(pk), name) for pk, name in categories)])
        spans = {
            "duration_minutes": self._spans(_DURATIONS, "duration_minutes"),
            "buffer_before_minutes": self._spans(_BUFFERS, "buffer_before_minutes"),
            "buffer_after_minutes": self._spans(_BUFFERS, "buffer_after_minutes"),
            "grid_step_minutes": self._spans(_STEPS, "grid_step_minutes"),
            "min_notice_minutes": self._spans(_NOTICES, "min_notice_minutes"),
            "cancel_notice_minutes": self._spans(_NOTICES, "cancel_notice_minutes"),
            "horizon_days": [(days, _days(days)) for days in self._with_present(_HORIZONS, "horizon_days")],
        }
        for name, choices in spans.items():
            self._offer(name, choices)

    def clean_price(self) -> Money:
        """The amount as people here write it, or a sentence that shows how."""
        text = str(self.cleaned_data["price"])
        try:
            return parse_money(text, currency=self._tenant.currency, locale=str(current_locale(self._tenant.locale)))
        except Invalid as error:
            raise forms.ValidationError(error.message) from error

    def draft(self) -> ServiceDraft:
        """What was typed, for the service."""
        values = dict(self.cleaned_data)
        values.pop("provider_id", None)
        values["approval"] = Approval(values["approval"])
        values["included"] = str(values["included"]).splitlines()
        return ServiceDraft(**values)

    def _offer(self, name: str, choices: Iterable[tuple[object, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def _spans(self, usual: Sequence[int], name: str) -> Choices:
        return [(minutes, self._span(minutes)) for minutes in self._with_present(usual, name)]

    def _with_present(self, usual: Sequence[int], name: str) -> list[int]:
        """The usual choices and the present value, which the API or a blueprint may have set to anything."""
        present = self.initial.get(name)
        return sorted({*usual, *([present] if isinstance(present, int) else [])})

    def _span(self, minutes: int) -> str:
        if minutes == 0:
            return _now("nothing")
        if minutes > _DAY and minutes % _DAY == 0:
            return _days(minutes // _DAY)
        return duration_text(minutes, current_locale(self._tenant.locale))


class NewServiceForm(ServiceForm):
    """The same, for who may offer in several people's names."""

    provider_id = forms.TypedChoiceField(label=_("Offered by"), coerce=UUID)

    field_order = ("provider_id",)

    def __init__(self, *args: Any, providers: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:  # Any: as above
        super().__init__(*args, **kwargs)
        self._offer("provider_id", [(str(pk), name) for pk, name in providers])


def service_values(service: ServiceDetails, tenant: TenantContext) -> dict[str, object]:
    """What a form shows of a service before anybody types."""
    locale = str(current_locale(tenant.locale))
    symbol = get_currency_symbol(service.price.currency, current_locale(tenant.locale))
    plain = (
        "title",
        "duration_minutes",
        "summary",
        "description",
        "place",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "grid_step_minutes",
        "min_notice_minutes",
        "cancel_notice_minutes",
        "horizon_days",
        "max_per_day",
    )
    return {name: getattr(service, name) for name in plain} | {
        "category_id": str(service.category_id),
        "price": format_money(service.price, locale).replace(symbol, "").strip(),
        "included": "\n".join(service.included),
        "approval": service.approval.value,
    }


def new_service_values() -> dict[str, object]:
    """What a form proposes for a service that is not there yet."""
    return {
        "duration_minutes": _HOUR,
        "approval": Approval.INSTANT.value,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 15,
        "grid_step_minutes": 30,
        "min_notice_minutes": 2 * _HOUR,
        "cancel_notice_minutes": _DAY,
        "horizon_days": 60,
    }


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
