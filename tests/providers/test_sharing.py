"""Links and printed codes of a provider's page."""

import io
import re

import pytest
from PIL import Image

from tenant_apps.providers import selectors
from tests.factories.market import actor_of, make_provider

pytestmark = pytest.mark.usefixtures("in_alpha")


@pytest.fixture
def profile():
    return selectors.own_profile(actor_of(make_provider(slug="ines-duarte")))


def test_the_link_is_the_readable_address_on_the_tenants_own_host(profile, alpha):
    assert selectors.share_link(profile) == f"{alpha.base_url}/providers/ines-duarte/"


def test_the_code_can_be_had_as_a_drawing_without_style_or_script(profile):
    drawing = selectors.qr_code(profile, selectors.QrFormat.SVG)

    assert drawing.startswith(b"<?xml")
    assert b"style=" not in drawing
    assert b"<script" not in drawing


def test_the_drawing_has_a_ground_of_its_own_so_that_it_is_read_on_dark_pages(profile):
    drawing = selectors.qr_code(profile, selectors.QrFormat.SVG).decode()

    assert re.search(r'<path[^>]* fill="(#fff|white)"', drawing)


def test_the_code_can_be_had_as_a_picture_large_enough_to_print(profile):
    picture = Image.open(io.BytesIO(selectors.qr_code(profile, selectors.QrFormat.PNG)))

    assert picture.format == "PNG"
    assert picture.width == picture.height >= 480
