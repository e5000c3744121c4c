"""A service, as its provider writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import Invalid
from kernel.ids import format_public_id, parse_public_id
from kernel.money import Money, format_money, parse_money
from tenant_apps.catalog.services import check_horizon, check_included, check_price, check_saleable
from tenant_apps.catalog.types import CATEGORY_PREFIX, Approval, ServiceDetails, ServiceDraft
from tenants.scope import current_tenant
from webui.formats import current_locale, duration_text
from webui.forms import AffixInput, Card, RadioCards, StoaForm

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_STEPS: Final = (5, 10, 15, 20, 30, 45, 60, 90, 120)
_BUFFERS: Final = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120)
_NOTICES: Final = (0, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10080)
_SPANS: Final = {
    "grid_step_minutes": _STEPS,
    "buffer_before_minutes": _BUFFERS,
    "buffer_after_minutes": _BUFFERS,
    "min_notice_minutes": _NOTICES,
    "cancel_notice_minutes": _NOTICES,
}
_LIMITS: Final = ("max_per_day", "max_per_week")
_DIRECT: Final = ("title", "summary", "description", "place", "duration_minutes", "horizon_days", *_LIMITS, *_SPANS)


def _span_field(label: StrPromise, hint: StrPromise | str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, help_text=hint, coerce=int)


class ServiceForm(StoaForm):
    """All of a service. Spans are chosen from usual ones; an unusual one that is stored stays choosable.

    What `is_shown` to customers must tell them what they get.
    """

    label_notes: ClassVar[Mapping[str, str | Promise]] = {
        "summary": _("(this or a description is needed to publish)"),
        "description": _("(this or a summary is needed to publish)"),
    }

    title = forms.CharField(label=_("Title"), max_length=120)
    category_id = forms.ChoiceField(label=_("Category"))
    summary = forms.CharField(label=_("Summary"), max_length=200, required=False, help_text=_("One sentence, shown in lists."))
    description = forms.CharField(label=_("Description"), max_length=8000, required=False, widget=forms.Textarea({"rows": 7}))
    included = forms.CharField(
        label=_("What is included"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One thing per line."),
    )
    place = forms.CharField(
        label=_("Where"), max_length=120, required=False, help_text=_("Such as “at your home” or “online”.")
    )
    price = forms.CharField(label=_("Price"), max_length=40, widget=AffixInput({"inputmode": "decimal"}))
    duration_minutes = forms.IntegerField(
        label=_("Duration"), min_value=5, max_value=1440, widget=AffixInput({"inputmode": "numeric"}, suffix=_("minutes"))
    )
    grid_step_minutes = _span_field(_("A start every"), _("Counted from midnight: 30 minutes gives 9:00, 9:30, 10:00."))
    buffer_before_minutes = _span_field(_("Kept free before"))
    buffer_after_minutes = _span_field(_("Kept free after"))
    min_notice_minutes = _span_field(_("Shortest notice"), _("Nobody can book later than this before the start."))
    horizon_days = forms.IntegerField(
        label=_("Bookable ahead"),
        min_value=1,
        max_value=730,
        initial=60,
        widget=AffixInput({"inputmode": "numeric"}, suffix=_("days")),
    )
    max_per_day = forms.IntegerField(
        label=_("Most bookings a day"),
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text=_("Of this service. Empty: as many as fit."),
    )
    max_per_week = forms.IntegerField(
        label=_("Most bookings a week"),
        min_value=1,
        max_value=500,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text=_("Of this service, from Monday to Sunday."),
    )
    cancel_notice_minutes = _span_field(_("Free to cancel until"), _("Before the start. Later counts as late."))
    approval = forms.ChoiceField(label=_("Who decides"), widget=RadioCards, initial=Approval.INSTANT)

    def __init__(
        self,
        *args: Any,  # Any: passed to Django
        currency: str,
        categories: Sequence[tuple[UUID, str]],
        service: ServiceDetails | None = None,
        is_shown: bool = False,
        **kwargs: Any,  # Any: as above
    ) -> None:
        initial = _DEFAULTS if service is None else _initial(service)
        super().__init__(*args, initial=initial, **kwargs)
        self.currency = currency
        self._is_shown = is_shown
        self._choose("category_id", [(format_public_id(CATEGORY_PREFIX, pk), name) for pk, name in categories])
        self._choose("approval", _approvals())
        for name, usual in _SPANS.items():
            spans = sorted({*usual, int(str(initial[name]))})
            self._choose(name, [(span, duration_text(span, _locale())) for span in spans])
        price = self.fields["price"].widget
        assert isinstance(price, AffixInput)  # declared above
        price.suffix = currency

    def clean_price(self) -> Money:
        """The amount in the marketplace's currency."""
        try:
            return parse_money(self.cleaned_data["price"], currency=self.currency, locale=str(_locale()))
        except Invalid as error:
            raise ValidationError(error.message, code=error.code) from error

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """What the catalog says of fields that are fine as such."""
        cleaned = super().clean() or self.cleaned_data
        if "price" in cleaned:
            with self.telling():
                check_price(cleaned["price"])
        if "included" in cleaned:
            with self.telling():
                check_included(cleaned["included"].splitlines())
        if {"min_notice_minutes", "horizon_days"} <= cleaned.keys():
            with self.telling():
                check_horizon(min_notice_minutes=cleaned["min_notice_minutes"], horizon_days=cleaned["horizon_days"])
        if self._is_shown and {"summary", "description"} <= cleaned.keys():
            with self.telling():
                check_saleable(summary=cleaned["summary"], description=cleaned["description"])
        return cleaned

    def draft(self) -> ServiceDraft:
        """What the valid form says, for the service that writes it."""
        cleaned = self.cleaned_data
        return ServiceDraft(
            category_id=parse_public_id(CATEGORY_PREFIX, cleaned["category_id"]),
            price=cleaned["price"],
            included=cleaned["included"].splitlines(),
            approval=Approval(cleaned["approval"]),
            **{name: cleaned[name] for name in _DIRECT},
        )

    def _choose(self, name: str, choices: Sequence[tuple[object, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # declared above
        field.choices = choices


_DEFAULTS: Final[dict[str, object]] = {
    "duration_minutes": 60,
    "grid_step_minutes": 30,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "min_notice_minutes": 120,
    "cancel_notice_minutes": 24 * 60,
    "horizon_days": 60,
    "approval": Approval.INSTANT.value,
}


def _approvals() -> list[tuple[str, Card]]:
    return [
        (Approval.INSTANT.value, Card(_("Booked at once"), _("A free time is theirs as soon as they ask."), icon="zap")),
        (Approval.REQUEST.value, Card(_("You confirm"), _("They ask, the time is held, and you say yes or no."), icon="check")),
    ]


def _initial(service: ServiceDetails) -> dict[str, object]:
    return {
        **{name: getattr(service, name) for name in _DIRECT},
        "category_id": format_public_id(CATEGORY_PREFIX, service.category_id),
        "included": "\n".join(service.included),
        "price": _bare_amount(service.price),
        "approval": service.approval.value,
    }


def _locale() -> Locale:
    """As the marketplace's pages write, so that what they show can be typed."""
    return current_locale(current_tenant().locale)


def _bare_amount(price: Money) -> str:
    """The price as somebody here would type it: the currency stands beside the field."""
    text = format_money(price, str(_locale()))
    return "".join(letter for letter in text if letter.isdigit() or letter in ".,٫٬'’\u202f").strip("'’\u202f")
