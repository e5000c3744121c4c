"""Decodes a picture and encodes it anew in the sizes asked for; run as a process of its own, which may be killed.

`python -m tenant_apps.providers.rules.renditions DECODER WIDTHxHEIGHT…` reads the file from standard input. It writes one
line of JSON, `{"sizes": [bytes of each]}` or `{"refusal": code, "width": …, "height": …}`, and then the files themselves.
A decoder that crashes, eats memory or never ends takes only this process with it (R44).
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageCms, ImageOps

from tenant_apps.providers.rules.refusals import Refusal, judge_size

type Size = tuple[int, int]

_QUALITY: Final = 82
_MEMORY_BYTES: Final = 2 * 1024**3
_CPU_SECONDS: Final = 20
# Wider than this against its height (or higher than wide), a picture is a wordmark: cutting it square would lose letters.
_WORDMARK_RATIO: Final = 2
# Twice the largest size we keep: nothing finer is ever seen, and all later steps are cheaper.
_WORKING_SIDE: Final = 3_072


class Refused(Exception):
    """The picture stays out; its dimensions are known where the header could be read."""

    def __init__(self, refusal: Refusal, width: int = 0, height: int = 0) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.width = width
        self.height = height


def render(blob: bytes, *, decoder: str, sizes: Iterable[Size]) -> list[bytes]:
    """The picture in `blob` as WebP in each of `sizes`, upright, in sRGB, without metadata.

    Raises:
        Refused: by its dimensions, or because it can't be decoded.
    """
    picture = _open(blob, decoder)
    wanted = list(sizes)
    try:
        picture.draft("RGB", (_WORKING_SIDE, _WORKING_SIDE))
        picture.load()
        upright = _in_srgb(ImageOps.exif_transpose(picture))
        upright.thumbnail((_WORKING_SIDE, _WORKING_SIDE), reducing_gap=2.0)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise Refused(Refusal.DAMAGED) from error
    return [_encoded(_fitted(upright, size)) for size in wanted]


def _open(blob: bytes, decoder: str) -> Image.Image:
    """The picture with its header read and no pixel decoded."""
    try:
        picture = Image.open(io.BytesIO(blob), formats=[decoder])
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(Refusal.DAMAGED) from error
    if refusal := judge_size(*picture.size):
        raise Refused(refusal, *picture.size)
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """With the colours that the eye should see: phones tag photos with wider spaces, and the tag is dropped here."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert(mode)


def _fitted(picture: Image.Image, size: Size) -> Image.Image:
    """Exactly `size`: cut to fill it, or, where cutting would spoil a mark, set whole on nothing."""
    width, height = size
    if width == height and _is_mark(picture):
        return ImageOps.pad(picture.convert("RGBA"), size, Image.Resampling.LANCZOS, color=(0, 0, 0, 0))
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=(0.5, 0.4))


def _is_mark(picture: Image.Image) -> bool:
    longer, shorter = max(picture.size), min(picture.size)
    return picture.mode == "RGBA" or longer > _WORDMARK_RATIO * shorter


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's time-out still stands
        return
    for kind, amount in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        try:
            resource.setrlimit(kind, (amount, amount))
        except (ValueError, OSError):  # a stricter limit is in force already, or the system knows none
            continue


def main() -> None:
    """Read the picture, write the answer."""
    _limit_this_process()
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = None  # judge_size is stricter, and answers with a sentence
    decoder, *texts = sys.argv[1:]
    sizes = [(int(width), int(height)) for width, height in (text.split("x") for text in texts)]
    try:
        files = render(sys.stdin.buffer.read(), decoder=decoder, sizes=sizes)
    except Refused as refused:
        answer: dict[str, object] = {"refusal": refused.refusal.value, "width": refused.width, "height": refused.height}
        files = []
    else:
        answer = {"sizes": [len(file) for file in files]}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(files))


if __name__ == "__main__":
    main()
