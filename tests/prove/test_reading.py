"""What a run of a suite is worth is read from its own figures."""

import pytest

from prove.reading import read_figures
from prove.suites import SUITES

_CASE = '<testcase name="{name}" time="1.5">{inside}</testcase>'


def _property(**figures: int) -> str:
    return "<properties>" + "".join(f'<property name="{n}" value="{v}"/>' for n, v in figures.items()) + "</properties>"


def _read(tmp_path, *cases: str, is_green: bool = True):
    report = tmp_path / "suite.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return read_figures(report, is_green=is_green)


def test_figures_are_summed_and_a_suite_that_holds_has_passed(tmp_path):
    figures = _read(
        tmp_path,
        _CASE.format(name="soak", inside=_property(attempts=500, failures=0)),
        _CASE.format(name="a_seeded_leak", inside=_property(controls=1, controls_caught=1)),
        _CASE.format(name="plain", inside=""),
    )

    assert (figures.attempts, figures.controls, figures.controls_caught) == (501, 1, 1)
    assert figures.seconds == 4.5
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
    assert _read(tmp_path, _CASE.format(name="soak", inside=inside), is_green=is_green).verdict == "failed"


def test_a_suite_that_wrote_nothing_has_failed(tmp_path):
    assert read_figures(tmp_path / "missing.xml", is_green=True).verdict == "failed"


def test_every_suite_names_tests_that_exist():
    from ops.local.home import ROOT

    assert [path for suite in SUITES for path in suite.paths if not (ROOT / path).exists()] == []
