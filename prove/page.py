"""The report as a page that a person can read: one file without scripts or anything from elsewhere, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from prove.reading import Figures, RedTest

_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1b1d22, #e8e9ec); --soft: light-dark(#5b606b, #a3a8b3);
  --ground: light-dark(#ffffff, #15171b); --raised: light-dark(#f5f6f8, #1e2127); --line: light-dark(#d9dce2, #343943);
  --good: light-dark(#0b6b4f, #58d3a8); --bad: light-dark(#b3261e, #ff8a80); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; }
p { margin: .4rem 0 0; color: var(--soft); max-width: 46rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem;
  margin: 1.5rem 0 0; padding: 0; }
.facts div { padding: .9rem 1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--raised); }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .6rem .9rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child > * { border-bottom: 0; }
thead th { background: var(--raised); color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
td { min-width: 4rem; }
td.says { min-width: 17rem; }
.count { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.passed { color: var(--good); font-weight: 600; }
.failed { color: var(--bad); font-weight: 600; }
.red { margin: 0 0 .75rem; padding: .9rem 1rem; border-left: 3px solid var(--bad); background: var(--raised); }
code { font: .86rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.red code { display: block; }
.red .why { color: var(--soft); }
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """One suite: what it says, what came of it, and what has been tried under its id since this report is kept."""

    name: str
    says: str
    figures: Figures
    red: Sequence[RedTest]
    tried_so_far: int


def page_of(proofs: Sequence[Proof], *, now: datetime, commit: str, minutes: float) -> str:
    """The whole page. It names no machine: what holds, holds anywhere."""
    broken = [proof.name for proof in proofs if not proof.figures.holds]
    verdict = f"{len(broken)} of {len(proofs)} suites do not hold" if broken else f"All {len(proofs)} suites hold"
    told = f"Proved on {now:%-d %B %Y at %H:%M} UTC, at commit {commit or 'unknown'}, with PROVE_MINUTES={minutes:g}."
    body = [
        f'<h1 class="{"failed" if broken else "passed"}">{verdict}</h1>',
        f"<p>{escape(told)} An attempt is one thing that was tried and must not work, or must not be lost. A control has a",
        "guard switched off on purpose: a suite holds only when every one of them was missed.</p>",
        _facts(_summed(proofs)),
        *_failures(proofs),
        "<h2>Suites</h2>",
        _table(proofs),
    ]
    return _document(verdict, "\n".join(body))


def _document(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'


def _summed(proofs: Sequence[Proof]) -> Figures:
    return sum((proof.figures for proof in proofs), start=Figures(is_green=True))


def _facts(whole: Figures) -> str:
    facts: Mapping[str, str] = {
        "Attempts": f"{whole.attempts:,}",
        "Failures": f"{whole.failures:,}",
        "Controls caught": f"{whole.controls_caught:,} of {whole.controls:,}",
        "Time in tests": f"{whole.seconds / 60:.1f} min",
    }
    return (
        '<dl class="facts">' + "".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in facts.items()) + "</dl>"
    )


def _table(proofs: Sequence[Proof]) -> str:
    heads = ("Id", "Verdict", "Says", "Attempts", "Failures", "Controls", "Seconds", "In all runs here")
    classes = ("", "", "", *["count"] * 5)
    head = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in zip(heads, classes, strict=True))
    rows = "\n".join(_row(proof) for proof in proofs)
    # Wider than a telephone, so it scrolls by itself, also by the keyboard.
    region = 'class="scroll" tabindex="0" role="region" aria-label="Suites"'
    return f"<div {region}><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>"


def _row(proof: Proof) -> str:
    figures = proof.figures
    counts = (
        f"{figures.attempts:,}",
        f"{figures.failures:,}",
        f"{figures.controls_caught}/{figures.controls}",
        f"{figures.seconds:,.1f}",
        f"{proof.tried_so_far:,}",
    )
    return (
        f'<tr><th scope="row"><code>{escape(proof.name)}</code></th><td class="{figures.verdict}">{figures.verdict}</td>'
        f'<td class="says">{escape(proof.says)}</td>' + "".join(f'<td class="count">{count}</td>' for count in counts) + "</tr>"
    )


def _failures(proofs: Sequence[Proof]) -> Iterator[str]:
    red = [(proof, test) for proof in proofs for test in proof.red]
    if not red:
        return
    yield "<h2>What went wrong</h2>"
    for proof, test in red:
        why = escape(test.reason) or "It says nothing."
        yield (
            f'<div class="red"><code>{escape(test.name)}</code><code class="why">{why}</code>'
            f"<code>prove/out/{escape(proof.name)}.log</code></div>"
        )
