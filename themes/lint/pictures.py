"""Rules about pictures: of the format that their name says, decodable, and of a size that a page can carry."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Final

from PIL import Image

from kernel.signs import is_something_else_too, media_type_of
from themes.lint.findings import Finding
from themes.lint.source import Source

HEAVIEST: Final = 250 * 1024
_LONGEST_SIDE: Final = 4096
# By suffix: the media type that the bytes must have, and Pillow's name for the only decoder they are given to.
_FORMATS: Final = {
    ".png": ("image/png", "PNG"),
    ".jpg": ("image/jpeg", "JPEG"),
    ".webp": ("image/webp", "WEBP"),
    ".avif": ("image/avif", "AVIF"),
}


def picture_findings(source: Source) -> Iterator[Finding]:
    for path in source.below("", *_FORMATS, ".svg"):
        blob = source.files[path]
        if len(blob) > HEAVIEST:
            yield Finding(path, 0, "T405", f"{len(blob) // 1024} kB")
        elif not path.endswith(".svg"):
            yield from check_picture(path, blob)


def check_picture(path: str, blob: bytes) -> Iterator[Finding]:
    media_type, decoder = _FORMATS[path[path.rindex(".") :]]
    found = media_type_of(blob)
    if found != media_type:
        yield Finding(path, 0, "T404", f"its bytes are {found or 'no picture'}")
        return
    if is_something_else_too(blob):
        yield Finding(path, 0, "T404", "it is another kind of file as well")
        return
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(blob), formats=[decoder]) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # Asked of the header, before a pixel is decoded.
            if max(picture.size) > _LONGEST_SIDE:
                yield Finding(path, 0, "T405", f"{picture.width} × {picture.height} pixels")
                return
            picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        yield Finding(path, 0, "T404", "it cannot be decoded")
