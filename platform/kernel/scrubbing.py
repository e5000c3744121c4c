"""Takes secrets out of what is written down: by the name they stand under, and by their shape inside longer texts (R59)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

STRUCK: Final = "[secret]"

_WORDS: Final = "csrf|passwd|password|secret|signature|token"
_NAMED_SO: Final = re.compile(rf"{_WORDS}|authorization|cookie|(^|[-_])(code|key|keys)$", re.IGNORECASE)
# Each shape begins where a word does (a look behind, or bounded repeats): an address of four thousand letters is read once,
# and not once from each of its letters.
_SHAPES: Final = (
    # A header, with all that follows on its line.
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)([\"']?\s*[=:]\s*)[^\n]+"), rf"\1\2{STRUCK}"),
    # name=value, as in queries and forms; `name: value` and `"name": "value"`, as in JSON and in a traceback's text.
    (re.compile(rf"""(?i)(?<![\w-])([\w-]*(?:{_WORDS}))(["']?\s*[=:]\s*["']?)([^\s&"',;}})]+)"""), rf"\1\2{STRUCK}"),
    (re.compile(r"(?i)\b((?:api_?|access_?)?(?:code|key))=([^\s&\"',;})]+)"), rf"\1={STRUCK}"),
    (re.compile(r"(?i)\b(basic|bearer)\s+[^\s\"',]+"), rf"\1 {STRUCK}"),
    # What Django signs: payload, time, signature. Manage links, invitations and cursors have it in their path.
    (re.compile(r"(?<![\w.=-])[\w.=-]+(?::|%3A)\w{5,8}(?::|%3A)[\w-]{27,}"), STRUCK),
    # The key of a reset link: user, time, hash.
    (re.compile(r"\b[0-9A-Za-z]{1,13}-[0-9a-z]{6,7}-[0-9a-f]{32,64}\b"), STRUCK),
    # Our own API keys: shared_apps.rest.keys.
    (re.compile(r"\bstoa_[a-z]+_\w*_[0-9a-f]{16,}"), STRUCK),
    # Stripe's, and what it signs its webhooks with.
    (re.compile(r"\b(?:[rs]k_(?:live|test)|whsec)_\w+"), STRUCK),
    # What lets a browser confirm a payment at Stripe.
    (re.compile(r"\b((?:pi|seti|cs)_\w{1,100}?)_secret_\w+"), rf"\1_{STRUCK}"),
    # user:password@ in addresses of servers.
    (re.compile(r"(://[^\s:/@]*:)[^\s/@]+@"), rf"\1{STRUCK}@"),
)


def without_secrets(text: str) -> str:
    """`text` with every part struck out that looks like a secret; calling it twice changes nothing more."""
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def scrubbed(name: str, value: object) -> object:
    """`value`, which stands under `name`, as it may be written down. Numbers stay: a status and a count hold no secret."""
    if isinstance(value, str):
        return STRUCK if value and _NAMED_SO.search(name) else without_secrets(value)
    if isinstance(value, Mapping):
        return {str(key): scrubbed(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrubbed(name, inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrubbed(name, str(value))
