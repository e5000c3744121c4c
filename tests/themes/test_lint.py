"""The linter: each rule has a breach that it names by file and line, and what ships breaks none."""

from __future__ import annotations

import json

import pytest

from tests.themes.breaches import BREACHES, CSS, ID, STATS, clean, css, font, picture, po, stats, svg, with_files
from themes.engine.packages import BUILT_IN_ROOT, installed_ids
from themes.lint.findings import Finding
from themes.lint.rules import RULES
from themes.lint.running import lint_package
from themes.lint.styles import published_properties
from themes.packing.writing import write_folder

# Not one of a package's own files: solved by construction, or a link, which no table of bytes can hold.
BY_THEMSELVES = {"T001", "T007"}


def lint(tmp_path, files) -> list[Finding]:
    write_folder({ID: files}, tmp_path / "packages")
    return list(lint_package(tmp_path / "packages" / ID))


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_a_breach_is_named_with_its_file_and_line(tmp_path, breach):
    findings = lint(tmp_path, with_files(breach.files))

    assert (breach.code, breach.file, breach.line) in {(found.code, found.file, found.line) for found in findings}, findings


def test_every_rule_has_a_breach():
    assert {breach.code for breach in BREACHES} | BY_THEMSELVES == set(RULES)


def test_a_clean_package_has_no_finding(tmp_path):
    assert lint(tmp_path, clean()) == []


CLEAN = [
    stats("{% for stat in page.stats %}{{ stat.value }}{{ forloop.counter }}{% endfor %}"),
    stats('{% include "partials/provider.html" with provider=page.providers.0 %}'),
    stats('<a href="{{ page.links.services }}" class="{% if page.stats %}x{% endif %}">{% icon "star" %}</a>'),
    stats('{% comment %}<script>{{ request }}{% endcomment %}<img alt="" src="{{ tenant.content.logo_url }}">'),
    css("color: color-mix(in oklab, var(--c-ink) 70%, transparent); inset: 0; animation: red 1s"),
    css("background: url(img/leaf.svg)") | svg('<g><use href="#a"/><rect id="a" fill="url(#b)"/></g>'),
    css("content: 'https://'") | {"static/img/leaf.png": picture("PNG"), "static/img/leaf.webp": picture("WEBP")},
    css("} @media (min-width: 40rem) { .mint-stats { color: var(--c-ink) } } .b {"),
    css("} @keyframes mint { from { opacity: 0 } } @supports (gap: 1px) { .b { gap: 1px } } .b {"),
    {"static/fonts/a.woff2": font(), CSS: "@layer theme{@font-face{font-family:A;src:url(fonts/a.woff2)}}"},
    po('msgid "Hello <b>%(name)s</b>"\nmsgstr "Bonjour <b>%(name)s</b>"'),
]


@pytest.mark.parametrize("files", CLEAN, ids=range(len(CLEAN)))
def test_what_designers_do_is_no_breach(tmp_path, files):
    assert lint(tmp_path, with_files(files)) == []


@pytest.mark.parametrize("package_id", installed_ids())
def test_no_shipped_package_has_a_finding(package_id):
    assert list(lint_package(BUILT_IN_ROOT / package_id)) == []


def test_a_link_is_named_and_not_followed(tmp_path):
    write_folder({ID: clean()}, tmp_path / "packages")
    (tmp_path / "packages" / ID / "static" / "img").mkdir()
    (tmp_path / "packages" / ID / "static" / "img" / "leaf.svg").symlink_to("/etc/hostname")

    (finding,) = lint_package(tmp_path / "packages" / ID)

    assert (finding.code, finding.file) == ("T001", "static/img/leaf.svg")


def test_one_look_reports_everything_that_is_wrong(tmp_path):
    files = with_files(stats("{{ request }}<script></script>") | css("color: red; margin-left: 0"))

    codes = [finding.code for finding in lint(tmp_path, files)]

    assert codes == ["T306", "T309", "T107", "T201"]


def test_a_finding_says_file_line_rule_and_cure():
    finding = Finding(STATS, 3, "T206", "<img>")

    assert str(finding) == (
        "templates/sections/stats.html:3: error T206: A picture has no alt: <img>. "
        'Say what it shows, or write alt="" where it only decorates.'
    )
    assert json.loads(json.dumps(finding.as_row()))["rule"] == "T206"


def test_there_are_at_least_forty_rules_each_with_its_own_words():
    assert len(RULES) >= 40
    assert len({rule.title for rule in RULES.values()}) == len({rule.cure for rule in RULES.values()}) == len(RULES)


def test_the_published_tokens_are_those_that_a_theme_is_compiled_to():
    assert {"--c-ink", "--c-brand", "--t-sm", "--r-md"} <= published_properties()
