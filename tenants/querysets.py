"""Expressions over the registry's rows."""

from __future__ import annotations

from django.db.models import CharField, F, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower, Replace

from tenants.rules_names import LOOKS_LIKE, PAIRS


class Translate(Func):
    """PostgreSQL's `translate(text, from, to)`: letter by letter."""

    function = "translate"
    output_field = CharField()


def skeleton_of(column: str) -> Combinable:
    """`rules_names.skeleton` of a column, in SQL: the expression of the unique index and of the look-up."""
    folded: Combinable = Replace(Lower(F(column)), Value("-"), Value(""))
    for pair, letter in PAIRS:
        folded = Replace(folded, Value(pair), Value(letter))
    return Translate(folded, *(Value(letters) for letters in LOOKS_LIKE))
