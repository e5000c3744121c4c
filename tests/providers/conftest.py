"""Pictures good and bad, and a folder for them that goes away."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from kernel.actor import Actor
from tenant_apps.providers.models import Provider
from tenant_apps.providers.services import render_picture, save_profile
from tenant_apps.providers.types import PictureKind, ProviderProfile
from tests.factories.market import actor_of


@pytest.fixture(autouse=True)
def _own_media_folder(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def encoded(file_format: str, size: tuple[int, int] = (600, 400), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, file_format, **options)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises far more: what must be judged before it is decoded."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("run.txt", "hello")
    return out.getvalue()


def put(kind: PictureKind, upload: bytes | None, *, provider: Provider, actor: Actor | None = None) -> ProviderProfile:
    """Save the profile as it stands with another picture."""
    actor = actor or actor_of(provider)
    words = ("display_name", "slug", "headline", "bio", "location", "tags", "time_zone")
    picture = None if upload is None else render_picture(upload, kind, actor=actor, provider_id=provider.public_id)
    return save_profile(
        actor=actor,
        provider_id=provider.public_id,
        pictures={kind: picture},
        **{name: getattr(provider, name) for name in words},
    )
