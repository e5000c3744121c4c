"""Money adds up to the last unit, and never mixes currencies or guesses a rounding."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kernel.money import CurrencyMismatch, Money, Rounding, currency_exponent, divide_rounded, sum_money

amounts = st.integers(-(10**12), 10**12)
weight_lists = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


def gbp(amount_minor: int) -> Money:
    return Money(amount_minor, "GBP")


@given(amounts, amounts, amounts)
def test_adding_and_taking_away_are_exact(first: int, second: int, third: int) -> None:
    assert gbp(first) + gbp(second) - gbp(third) == gbp(first + second - third)


@given(st.lists(amounts, max_size=8))
def test_a_sum_is_the_sum_of_its_parts(parts: list[int]) -> None:
    assert sum_money([gbp(part) for part in parts], currency="GBP") == gbp(sum(parts))


@given(amounts, weight_lists)
@example(1, [1, 1, 1])
@example(-1, [1, 1, 1])
def test_the_parts_of_an_allocation_add_up_to_the_whole(amount: int, weights: list[int]) -> None:
    parts = gbp(amount).allocate(weights)

    assert len(parts) == len(weights)
    assert sum_money(parts, currency="GBP") == gbp(amount)


@given(amounts, weight_lists)
def test_each_part_is_less_than_one_unit_from_its_exact_share(amount: int, weights: list[int]) -> None:
    parts = gbp(amount).allocate(weights)

    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    assert all(abs(part.amount_minor - share) < 1 for part, share in zip(parts, exact, strict=True))


@given(amounts, weight_lists)
def test_a_part_without_weight_gets_nothing(amount: int, weights: list[int]) -> None:
    parts = gbp(amount).allocate(weights)

    assert all(part.is_zero for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(amounts, weight_lists)
def test_a_debt_is_split_as_the_same_credit_is(amount: int, weights: list[int]) -> None:
    assert gbp(-amount).allocate(weights) == [-part for part in gbp(amount).allocate(weights)]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [70, 30], [71, 30]),
        (5, [1, 0, 1], [3, 0, 2]),
        (-100, [1, 1, 1], [-34, -33, -33]),
    ],
)
def test_left_over_units_go_to_the_largest_rest_then_to_the_first(amount: int, weights: list[int], parts: list[int]) -> None:
    assert [part.amount_minor for part in gbp(amount).allocate(weights)] == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_weights_that_split_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        gbp(100).allocate(weights)


@pytest.mark.parametrize(
    ("rounding", "decimal_rounding"),
    [(Rounding.HALF_EVEN, ROUND_HALF_EVEN), (Rounding.HALF_UP, ROUND_HALF_UP)],
)
@given(amount=amounts, basis_points=st.integers(0, 30_000))
@example(amount=5, basis_points=5_000)
@example(amount=-5, basis_points=5_000)
@example(amount=15, basis_points=1_000)
def test_a_percentage_is_rounded_as_the_decimal_module_rounds(
    rounding: Rounding, decimal_rounding: str, amount: int, basis_points: int
) -> None:
    expected = (Decimal(amount) * basis_points / 10_000).quantize(Decimal(1), rounding=decimal_rounding)

    assert gbp(amount).percent(basis_points, rounding=rounding) == gbp(int(expected))


def test_the_two_roundings_part_at_exactly_half() -> None:
    assert divide_rounded(5, 2, rounding=Rounding.HALF_EVEN) == 2
    assert divide_rounded(5, 2, rounding=Rounding.HALF_UP) == 3
    assert divide_rounded(-5, 2, rounding=Rounding.HALF_UP) == -3


@given(amounts, amounts)
def test_amounts_compare_as_numbers_do(first: int, second: int) -> None:
    assume(first != second)

    assert (gbp(first) < gbp(second)) == (gbp(first) <= gbp(second)) == (first < second)
    assert (gbp(first) > gbp(second)) == (gbp(first) >= gbp(second)) == (first > second)


@pytest.mark.parametrize(
    "mix",
    [
        lambda pounds, euros: pounds + euros,
        lambda pounds, euros: pounds - euros,
        lambda pounds, euros: pounds < euros,
        lambda pounds, euros: pounds <= euros,
        lambda pounds, euros: pounds > euros,
        lambda pounds, euros: pounds >= euros,
        lambda pounds, euros: sum_money([pounds, euros], currency="GBP"),
    ],
)
def test_two_currencies_never_mix(mix) -> None:
    with pytest.raises(CurrencyMismatch):
        mix(gbp(1), Money(1, "EUR"))


def test_equal_amounts_of_two_currencies_are_not_equal() -> None:
    assert Money(0, "GBP") != Money(0, "EUR")


@pytest.mark.parametrize("amount", [1.0, True, "1", Decimal(1), None])
def test_an_amount_is_a_whole_number(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize("factor", [0.5, True, Decimal(2)])
def test_money_is_multiplied_by_whole_numbers_only(factor: int) -> None:
    assert gbp(250) * 3 == 3 * gbp(250) == gbp(750)
    with pytest.raises(TypeError):
        gbp(250) * factor


@pytest.mark.parametrize("currency", ["", "gbp", "GB", "XXY", "GBPS", "£"])
def test_a_currency_is_a_known_code(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(1, currency)


@pytest.mark.parametrize(("currency", "exponent"), [("GBP", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("IQD", 3), ("HUF", 2)])
def test_each_currency_has_its_own_minor_unit(currency: str, exponent: int) -> None:
    assert currency_exponent(currency) == exponent


@pytest.mark.parametrize(("amount", "negative", "zero"), [(-1, True, False), (0, False, True), (1, False, False)])
def test_money_knows_its_sign(amount: int, negative: bool, zero: bool) -> None:
    assert (gbp(amount).is_negative, gbp(amount).is_zero) == (negative, zero)
