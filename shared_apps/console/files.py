"""Tables as files for a spreadsheet, streamed line by line, harmless to open."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from kernel.money import Money, currency_exponent

# A spreadsheet takes such a beginning for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written: `csv` writes lines, and the answer streams them."""

    def write(self, text: str) -> str:
        return text


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """A file called `name` with a line for each of `rows`, which are made as they are sent: outside of any scope."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield writer.writerow(columns)
        for row in rows:
            yield writer.writerow(row)

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer


def plain_amount(amount: Money) -> str:
    """In units of the currency with all its decimals, for programs."""
    return f"{Decimal(amount.amount_minor).scaleb(-currency_exponent(amount.currency)):f}"


def harmless(text: str) -> str:
    """What people wrote, so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
