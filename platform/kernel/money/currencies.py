"""What is known of currencies: which codes exist, and how many decimals their minor unit stands for (ISO 4217)."""

from __future__ import annotations

from functools import cache

from babel.numbers import list_currencies

_USUAL_EXPONENT = 2
# ISO 4217, list one. Babel's CLDR data says how many decimals people *write*, which differs (IQD, LBP, HUF), so it is not
# asked: a minor unit that changed with a library's update would change every amount in the database.
_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def currency_exponent(currency: str) -> int:
    """How many decimals the minor unit of `currency` stands for: 2 for GBP, 0 for JPY, 3 for KWD."""
    require_currency(currency)
    return _EXPONENTS.get(currency, _USUAL_EXPONENT)


def require_currency(currency: str) -> None:
    """Raise `ValueError` unless `currency` is a known code of three capitals."""
    if currency not in _known_currencies():
        raise ValueError(f"not a currency: {currency!r}")


@cache
def _known_currencies() -> frozenset[str]:
    return frozenset(list_currencies())
