"""Uploaded pictures: what is taken comes out new, small and clean; what is not is told why beside its field."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tenant_apps.providers import selectors
from tenant_apps.providers.errors import PictureRefused, ProviderNotFound
from tenant_apps.providers.rules.refusals import Refusal
from tenant_apps.providers.services import pictures as picture_services
from tenant_apps.providers.types import PictureKind
from tests.factories.market import actor_of, make_provider
from tests.providers.conftest import archive, encoded, png_that_claims, put

pytestmark = pytest.mark.usefixtures("in_alpha")

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def provider():
    return make_provider()


def test_a_logo_is_kept_in_three_square_sizes(provider):
    profile = put(PictureKind.LOGO, encoded("JPEG"), provider=provider)

    sizes = [_stored(profile.logo.key, width).size for width in (96, 192, 480)]
    assert sizes == [(96, 96), (192, 192), (480, 480)]
    assert profile.logo.src == f"/media/images/{profile.logo.key}-480.webp"
    assert (profile.logo.width, profile.logo.height) == (480, 480)
    assert profile.logo.srcset.endswith("-480.webp 480w")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_a_header_image_of_each_format_fills_three_to_one(provider, file_format):
    profile = put(PictureKind.HEADER, encoded(file_format), provider=provider)

    assert _stored(profile.header.key, 1536).size == (1536, 512)


def test_what_a_camera_noted_is_gone(provider):
    exif = Image.Exif()
    exif[0x010F] = "Maker of cameras"
    exif[0x8825] = {1: "N", 2: (55.0, 58.0, 0.0)}
    photo = encoded("JPEG", exif=exif, comment=b"canary")
    assert b"Maker of cameras" in photo

    profile = put(PictureKind.LOGO, photo, provider=provider)

    stored = selectors.read_media(f"images/{profile.logo.key}-480.webp").content
    assert not _stored(profile.logo.key, 480).getexif()
    assert b"Maker of cameras" not in stored
    assert b"canary" not in stored


def test_a_photo_lying_on_its_side_is_stood_up(provider):
    picture = Image.new("RGB", (400, 200), "blue")
    picture.paste("red", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by a quarter to see it upright: what is left becomes the top
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)

    profile = put(PictureKind.LOGO, out.getvalue(), provider=provider)

    red, _green, blue = _stored(profile.logo.key, 96).convert("RGB").getpixel((48, 10))
    assert red > 200
    assert blue < 60


def test_a_transparent_mark_is_not_cut(provider):
    mark = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    mark.paste((255, 0, 0, 255), (0, 150, 800, 250))
    out = io.BytesIO()
    mark.save(out, "PNG")

    profile = put(PictureKind.LOGO, out.getvalue(), provider=provider)

    stored = _stored(profile.logo.key, 480).convert("RGBA")
    assert stored.getpixel((2, 240))[3] > 200
    assert stored.getpixel((240, 5))[3] == 0


def test_colours_of_a_tagged_photo_are_kept(provider):
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    profile = put(PictureKind.LOGO, encoded("JPEG", icc_profile=wide, quality=95), provider=provider)

    red, green, _blue = _stored(profile.logo.key, 96).convert("RGB").getpixel((48, 48))
    assert red > 240
    assert green < 20


def test_a_new_picture_has_a_new_address_and_the_old_file_goes(provider, django_capture_on_commit_callbacks):
    first = put(PictureKind.LOGO, encoded("PNG"), provider=provider).logo

    with django_capture_on_commit_callbacks(execute=True):
        second = put(PictureKind.LOGO, encoded("PNG"), provider=provider).logo

    assert first.key != second.key
    assert selectors.read_media(f"images/{first.key}-96.webp") is None
    assert selectors.read_media(f"images/{second.key}-96.webp") is not None


def test_a_removed_picture_leaves_no_file(provider, django_capture_on_commit_callbacks, settings):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)

    with django_capture_on_commit_callbacks(execute=True):
        profile = put(PictureKind.LOGO, None, provider=provider)

    assert profile.logo is None
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (b"", "empty"),
        (b"GIF89a=1;alert(1);//", "no picture"),
        (b"hello, I am a text", "no picture"),
        (b"\x89PNG\r\n\x1a\n but nothing after it", "damaged"),
        (SVG, "SVG"),
        (b"<!-- a comment -->" + SVG[22:], "SVG"),
        (encoded("PNG") + archive(), "something else"),
        (encoded("JPEG", comment=b"<script>alert(1)</script>"), "something else"),
        (encoded("JPEG", comment=b"%PDF-1.7"), "something else"),
        (encoded("PNG") + b"<?php system('id'); ?>", "something else"),
        (png_that_claims(50_000, 100), "50000 × 100"),
        (png_that_claims(100, 50_000), "100 × 50000"),
        (png_that_claims(9_000, 9_000), "40 million"),
        (png_that_claims(2_147_483_647, 2_147_483_647), "2147483647"),
        (png_that_claims(600, 600), "damaged"),
        (encoded("PNG", size=(40, 400)), "only 40 × 400"),
        (encoded("JPEG")[:900], "damaged"),
        (b"\x00" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_good_picture_is_refused_with_its_reason_beside_the_field(provider, upload, words, settings):
    with pytest.raises(PictureRefused) as refusal:
        put(PictureKind.HEADER, upload, provider=provider)

    assert words in refusal.value.message
    assert refusal.value.field == "header_image"
    provider.refresh_from_db()
    assert provider.header_image == ""
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_huge_picture_is_refused_by_its_header_before_a_pixel_is_decoded(monkeypatch):
    """Negative control of the size guard: with it off, the same file reaches the decoder and fails there."""
    from tenant_apps.providers.rules import renditions

    claims = png_that_claims(50_000, 100)
    with pytest.raises(renditions.Refused) as guarded:
        renditions.render(claims, decoder="PNG", sizes=[(96, 96)])
    monkeypatch.setattr(renditions, "judge_size", lambda _width, _height: None)
    with pytest.raises(renditions.Refused) as unguarded:
        renditions.render(claims, decoder="PNG", sizes=[(96, 96)])

    assert guarded.value.refusal is Refusal.TOO_LARGE
    assert unguarded.value.refusal is Refusal.DAMAGED


def test_a_decoder_that_never_ends_costs_an_upload_and_no_more(provider, monkeypatch):
    monkeypatch.setattr(picture_services, "_TIMEOUT_SECONDS", 0.01)

    with pytest.raises(PictureRefused, match="damaged"):
        put(PictureKind.LOGO, encoded("PNG"), provider=provider)


def test_another_providers_picture_cannot_be_set_and_nothing_is_decoded(provider, monkeypatch):
    monkeypatch.setattr(picture_services, "judge_bytes", lambda _blob: pytest.fail("decoded for a stranger"))

    with pytest.raises(ProviderNotFound):
        put(PictureKind.LOGO, encoded("PNG"), provider=provider, actor=actor_of(make_provider()))


@pytest.mark.parametrize(
    "path",
    [
        "../secret.webp",
        "images/../../etc/passwd",
        "images/" + "0" * 32 + "-96.webp",
        "images/" + "0" * 32 + "-96.svg",
        "invoices/1.pdf",
        "/etc/passwd",
        "images/%2e%2e/x",
        "",
    ],
)
def test_nothing_but_stored_pictures_can_be_fetched(path):
    assert selectors.read_media(path) is None


def test_a_picture_of_one_tenant_is_not_served_by_its_twin(provider, beta):
    from tenants.scope import tenant_scope

    key = put(PictureKind.LOGO, encoded("PNG"), provider=provider).logo.key

    assert selectors.read_media(f"images/{key}-96.webp") is not None
    with tenant_scope(beta):
        assert selectors.read_media(f"images/{key}-96.webp") is None


def _stored(key: str, width: int) -> Image.Image:
    return Image.open(io.BytesIO(selectors.read_media(f"images/{key}-{width}.webp").content))
