"""Statements are told without the values in them, and those that differ in values only become the same."""

import pytest

from kernel.statements import without_values


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("SELECT a1 FROM t_2 WHERE b = 3 AND c = 'it''s'", "SELECT a1 FROM t_2 WHERE b = ? AND c = ?"),
        ("SELECT  *\n FROM t WHERE a IN (%s, %s,\n%s)", "SELECT * FROM t WHERE a IN (…)"),
        ("SELECT * FROM t WHERE a IN (1, 2)", "SELECT * FROM t WHERE a IN (…)"),
        ('SELECT "t"."col1" LIMIT 21', 'SELECT "t"."col1" LIMIT ?'),
        ("SELECT $$one 'two$$, $q$ it's $q$, 1.5", "SELECT ?, ?, ?"),
        ("SELECT f(%s) + %(name)s", "SELECT f(%s) + %(name)s"),
        ("SELECT 'an odd one", "SELECT"),
        ("", ""),
    ],
)
def test_values_are_taken_out(sql, text):
    assert without_values(sql).strip() == text


def test_a_very_long_one_is_cut():
    assert len(without_values("SELECT " + "a, " * 10_000)) == 2_000
