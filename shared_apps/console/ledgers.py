"""Invoices as a file for a spreadsheet: amounts in units of their currency, texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from kernel.money import Money
from shared_apps.billing.selectors import InvoiceLine
from shared_apps.console.files import harmless, plain_amount

COLUMNS: Final = (
    "number", "organization", "address", "state", "issued_on", "due_on", "paid_on", "currency", "total", "tax", "paid",
    "credited", "open", "by_hand", "purchase_order", "reference", "given_back",
)  # fmt: skip


def invoice_file(lines: Iterable[InvoiceLine]) -> str:
    """A line for each invoice, in the order of `COLUMNS`; days are UTC's."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_row(line) for line in lines)
    return text.getvalue()


def _row(line: InvoiceLine) -> tuple[str, ...]:
    invoice = line.invoice
    amounts = (invoice.total_minor, invoice.tax_minor, invoice.paid_minor, invoice.credited_minor, invoice.remaining_minor)
    paid_on = invoice.paid_on.isoformat() if invoice.paid_on else _day(invoice.paid_at)
    return (
        invoice.number,
        harmless(invoice.tenant.name),
        invoice.tenant.slug,
        line.state.value,
        _day(invoice.issued_at),
        _day(invoice.due_at),
        paid_on,
        invoice.currency,
        *(plain_amount(Money(amount, invoice.currency)) for amount in amounts),
        "yes" if invoice.is_by_hand else "no",
        harmless(invoice.purchase_order),
        harmless(invoice.reference),
        line.back.value if line.back else "",
    )


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""
