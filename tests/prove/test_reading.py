"""What a run of a suite is worth is read from its own figures."""

import pytest

from prove.reading import RedTest, read_figures, red_tests

_CASE = '<testcase classname="tests.a" name="{name}" time="1.5">{inside}</testcase>'


def _property(**figures: int) -> str:
    return "<properties>" + "".join(f'<property name="{n}" value="{v}"/>' for n, v in figures.items()) + "</properties>"


def _written(tmp_path, *cases: str):
    report = tmp_path / "suite.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return report


def _read(tmp_path, *cases: str, is_green: bool = True):
    return read_figures(_written(tmp_path, *cases), is_green=is_green)


CONTROL = _CASE.format(name="a_control", inside=_property(is_control=1))


def test_figures_are_summed_and_a_suite_that_holds_has_passed(tmp_path):
    figures = _read(
        tmp_path,
        _CASE.format(name="soak", inside=_property(attempts=500, failures=0)),
        _CASE.format(name="a_seeded_leak", inside=_property(controls=1, controls_caught=1)),
        _CASE.format(name="plain", inside=""),
        CONTROL,
    )

    assert (figures.attempts, figures.controls, figures.controls_caught) == (501, 2, 2)
    assert figures.seconds == 6.0
    assert figures.verdict == "passed"


@pytest.mark.parametrize(
    ("inside", "is_green"),
    [
        (_property(attempts=5, failures=1), True),
        (_property(attempts=5, controls=2, controls_caught=1), True),
        (_property(controls=1, controls_caught=1), True),
        (_property(attempts=5), False),
        ("<failure/>", True),
    ],
)
def test_a_leak_an_uncaught_control_or_nothing_tried_is_no_proof(tmp_path, inside, is_green):
    assert _read(tmp_path, CONTROL, _CASE.format(name="soak", inside=inside), is_green=is_green).verdict == "failed"


def test_a_suite_that_sabotages_nothing_is_no_proof(tmp_path):
    assert _read(tmp_path, _CASE.format(name="soak", inside=_property(attempts=500))).verdict == "failed"


def test_a_control_that_went_red_is_one_that_was_not_caught(tmp_path):
    red = _CASE.format(name="a_control", inside=_property(is_control=1) + "<failure/>")

    figures = _read(tmp_path, _CASE.format(name="soak", inside=""), red, is_green=False)

    assert (figures.controls, figures.controls_caught) == (1, 0)
    assert figures.verdict == "failed"


@pytest.mark.parametrize("inside", ["<skipped/>", _property(attempts=5) + "<skipped/>", _property(is_control=1) + "<skipped/>"])
def test_what_is_skipped_was_not_tried_and_spoils_the_suite(tmp_path, inside):
    report = _written(tmp_path, CONTROL, _CASE.format(name="a_race", inside=""), _CASE.format(name="skipped", inside=inside))

    figures = read_figures(report, is_green=True)

    assert figures.verdict == "failed"
    assert (figures.attempts, figures.controls_caught) == (1, 1)
    assert [test.name for test in red_tests(report)] == ["tests.a::skipped"]


def test_a_suite_that_wrote_nothing_has_failed(tmp_path):
    assert read_figures(tmp_path / "missing.xml", is_green=True).verdict == "failed"


def test_rounds_are_added_and_one_that_does_not_hold_spoils_them(tmp_path):
    good = _read(tmp_path, CONTROL, _CASE.format(name="race", inside=""))
    bad = _read(tmp_path, CONTROL, _CASE.format(name="race", inside="<failure/>"), is_green=False)

    assert (good + good).attempts == 2
    assert (good + good).verdict == "passed"
    assert (good + bad).verdict == "failed"


def test_red_tests_are_named_with_the_first_line_of_why_and_the_last_ones_of_the_error(tmp_path):
    text = "\n\n".join(f"line {number}" for number in range(9))
    failure = f'<failure message="AssertionError: assert 1 == 2&#10; + where">{text}</failure>'
    report = _written(
        tmp_path, CONTROL, _CASE.format(name="race", inside=failure), _CASE.format(name="lost", inside="<error/>")
    )

    assert red_tests(report) == [
        RedTest("tests.a::race", "AssertionError: assert 1 == 2", tuple(f"line {number}" for number in range(3, 9))),
        RedTest("tests.a::lost", ""),
    ]
