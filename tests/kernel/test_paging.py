"""The form of cursors; walking real rows is tested where there are rows (tests/providers/test_listing)."""

import base64
import json

import pytest

from kernel.errors import Invalid
from kernel.paging import _read


def test_a_cursor_for_another_order_is_refused():
    cursor = base64.urlsafe_b64encode(json.dumps([">", 1]).encode()).decode()

    with pytest.raises(Invalid):
        _read(cursor, width=2)


@pytest.mark.parametrize("parts", [[">", True], [">", 1.5], [">", None], [">", ["x"]], ["=", 1], [">", "a\0b"], {"a": 1}])
def test_a_cursor_of_strange_values_is_refused(parts):
    cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()

    with pytest.raises(Invalid):
        _read(cursor, width=1)
