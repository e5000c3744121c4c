"""Every way by which text could become script in a page, as an expression for the browser."""

from __future__ import annotations


def later(code: str) -> str:
    """Run in a turn of its own: what the debugger evaluates itself is not judged by the policy."""
    return (
        f"() => new Promise((done, failed) => setTimeout(() => {{ try {{ done({code}) }} catch (error) {{ failed(error) }} }}))"
    )


SINKS = {
    "eval": later("eval('1')"),
    "Function": later("new Function('return 1')()"),
    "a timer": "() => setTimeout('window.ran = true', 0)",
    "script text": "() => { document.createElement('script').text = '1'; }",
    "script address": "() => { document.createElement('script').src = '/x.js'; }",
    "markup with a handler": "() => { document.createElement('p').innerHTML = '<img src=x onerror=go()>'; }",
    "a second policy": "() => trustedTypes.createPolicy('other', {createHTML: (html) => html})",
    "code in htmx attributes": "() => htmx.ajax('GET', 'js:window.ran = true', {target: '#live'})",
}
