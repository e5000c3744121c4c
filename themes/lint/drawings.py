"""Rules about SVG: shapes and nothing else, read by a parser that resolves no entity and fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from themes.lint.findings import Finding
from themes.lint.source import Source

_NAMESPACE = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_ELEMENTS = frozenset(
    {
        "svg", "g", "defs", "symbol", "use", "title", "desc", "metadata", "path", "rect", "circle", "ellipse", "line",
        "polyline", "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern",
        "marker", "switch",
    }
)  # fmt: skip
_LOCAL_REFERENCE = re.compile(r"#[\w.-]{1,80}")
_CSS_URL = re.compile(r"url\s*\(\s*([^)]*)\)?", re.IGNORECASE)
_DEEPEST = 64


def drawing_findings(source: Source) -> Iterator[Finding]:
    for path in source.below("", ".svg"):
        yield from check_drawing(path, source.files[path])


def check_drawing(path: str, blob: bytes) -> list[Finding]:
    """What keeps these bytes from being shown as a picture; empty where they are plain shapes."""
    reader = _Reader(path)
    try:
        text = blob.decode()
    except UnicodeDecodeError:
        return [Finding(path, 0, "T401", "not UTF-8")]
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return [Finding(path, 1, "T401", "a document type, which could define entities")]
    reader.read(text)
    return reader.findings


class _Reader:
    """Expat's events, and what is wrong with them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self._depth = 0
        # UTF-8 whatever the declaration says: one reading for us and for browsers.
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartDoctypeDeclHandler = lambda *_: self._find("T401", "a document type")
        self._parser.EntityDeclHandler = lambda *_: self._find("T401", "an entity")

    def read(self, text: str) -> None:
        try:
            self._parser.Parse(text.encode(), True)  # expat's own signature
        except expat.ExpatError as error:
            self.findings.append(Finding(self.path, error.lineno, "T401", str(expat.ErrorString(error.code))))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        self._depth += 1
        if self._depth == 1 and (namespace, element) != (_NAMESPACE, "svg"):
            self._find("T401", f"<{element}> at the root, not <svg> of SVG's namespace")
        if namespace != _NAMESPACE or element not in _ELEMENTS:
            self._find("T402", f"<{element}>")
        if self._depth > _DEEPEST:
            self._find("T402", f"{_DEEPEST} levels of elements")
        for key, value in attributes.items():
            self._check_attribute(key, value)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _check_attribute(self, key: str, value: str) -> None:
        namespace, _, name = key.rpartition(" ")
        lowered = name.lower()
        if lowered == "style" or lowered.startswith("on"):
            self._find("T402", f"{name}=…")
        elif lowered in ("href", "src") or namespace == _XLINK:
            if lowered == "href" and not _LOCAL_REFERENCE.fullmatch(value):
                self._find("T403", f'{name}="{value[:60]}"')
        elif re.search(r"[a-z]+script\s*:", value, re.IGNORECASE):
            self._find("T402", f'{name}="{value[:60]}"')
        for address in _CSS_URL.findall(value):
            if not _LOCAL_REFERENCE.fullmatch(address.strip(" \t\n\r\"'")):
                self._find("T403", f"url({address[:60]})")

    def _instruction(self, target: str, _data: str) -> None:
        self._find("T402", f"<?{target}?>")

    def _find(self, code: str, what: str) -> None:
        self.findings.append(Finding(self.path, self._parser.CurrentLineNumber, code, what))
