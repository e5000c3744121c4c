"""What owners are told of an invoice: that it was paid, with the way to it; or that it could not be charged, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from kernel.money import Money
from provisioning.billing_post import addressee, day_there, send_to_owners
from shared_apps.billing.events import InvoicePaid, PaymentFailed
from shared_apps.billing.models import BillingInvoice
from shared_apps.billing.selectors import InvoiceNews, invoice_news
from tenant_apps.bookings.selectors.phrases import locale_here
from tenant_apps.notifications.types import Action, Letter, Row, Template
from tenants.context import TenantContext
from webui.formats import money_text


def write_of_payment(event: InvoicePaid) -> None:
    """Send the receipt, to the owners and to whom bills go. Twice: one letter each."""
    news = invoice_news(event.invoice_id)
    tenant = addressee(news.invoice.tenant_id) if news else None
    if news is None or tenant is None:
        return
    key = f"receipt:{event.invoice_id}"
    send_to_owners(tenant, news.contacts, lambda _owner: _receipt(tenant, news, is_for_change=event.is_for_change), key=key)


def write_of_failure(event: PaymentFailed) -> None:
    """Tell that a try failed, while it is the last one: when the next is, and what comes of it. As above."""
    news = invoice_news(event.invoice_id)
    tenant = addressee(news.invoice.tenant_id) if news else None
    if news is None or tenant is None or not _is_open(news.invoice) or news.invoice.attempts != event.attempt:
        return
    key = f"failed:{event.invoice_id}:{event.attempt}"
    send_to_owners(tenant, news.contacts, lambda _owner: _failure(tenant, news), key=key)


def _is_open(invoice: BillingInvoice) -> bool:
    return invoice.status == "open" and invoice.remaining_minor > 0


def _receipt(tenant: TenantContext, news: InvoiceNews, *, is_for_change: bool) -> Letter:
    invoice = news.invoice
    names = {"market": tenant.name, "amount": _money(invoice.paid_minor, invoice)}
    heading = _("%(amount)s paid for %(market)s") % names
    text = _("This is your receipt. There is nothing to do.")
    if is_for_change:
        text = _("This is the receipt for the change of your plan: what the rest of the period costs more.")
    rows = [Row(_("Invoice"), invoice.number), Row(_("Paid on"), day_there(tenant, invoice.paid_at))]
    if invoice.tax_minor:
        rows.append(Row(_("Tax in it"), _money(invoice.tax_minor, invoice)))
    return Letter(
        template=Template.INVOICE_PAID,
        subject=_("Receipt: %(amount)s for %(market)s") % names,
        preheader=text,
        status=_("Receipt"),
        tone="ok",
        heading=heading,
        paragraphs=(text,),
        rows=(*rows, Row(_("Paid"), names["amount"], is_total=True)),
        button=Action(_("See the invoice"), invoice.hosted_url) if invoice.hosted_url else None,
        links=(Action(_("Invoice as a PDF"), invoice.pdf_url),) if invoice.pdf_url else (),
    )


def _failure(tenant: TenantContext, news: InvoiceNews) -> Letter:
    invoice = news.invoice
    names = {
        "market": tenant.name,
        "amount": _money(invoice.remaining_minor, invoice),
        "day": day_there(tenant, invoice.next_attempt_at),
        "end": day_there(tenant, news.closes_at),
    }
    heading, text, label = _trouble(invoice, names)
    after = _("If it stays unpaid, your customers see a page that says it is closed for now, from %(end)s on.") % names
    rows = [Row(_("Invoice"), invoice.number)]
    if invoice.next_attempt_at:
        rows.append(Row(_("Next try"), names["day"]))
    return Letter(
        template=Template.PAYMENT_FAILED,
        subject=heading,
        preheader=text,
        status=_("Payment failed"),
        tone="warn",
        heading=heading,
        paragraphs=(text, after) if names["end"] else (text,),
        rows=(*rows, Row(_("To pay"), names["amount"], is_total=True)),
        button=Action(label, invoice.hosted_url) if invoice.hosted_url else None,
    )


def _trouble(invoice: BillingInvoice, names: Mapping[str, str]) -> tuple[str, str, str]:
    """Heading, sentence, and what is to be pressed."""
    if invoice.wants_owner:
        heading = _("Please confirm the payment of %(amount)s for %(market)s") % names
        text = _("Your bank wants to know that it is you: open the invoice and confirm the payment there.")
        return heading, text, _("Confirm the payment")
    heading = _("The payment of %(amount)s for %(market)s failed") % names
    if invoice.next_attempt_at:
        text = _("The bank did not accept it. It is tried again on %(day)s; until then everything works as before.") % names
    else:
        text = _("The bank did not accept it, and it is not tried again by itself. You can pay with this or another card.")
    return heading, text, _("Pay now")


def _money(minor: int, invoice: BillingInvoice) -> str:
    return money_text(Money(minor, invoice.currency), locale_here())
