"""What production's formatter makes of all that is logged, read back."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Lines(list):
    """What was written, each line read back as JSON."""

    def of(self, event: str) -> dict:
        (line,) = [line for line in self if line["event"] == event]
        return line


@contextmanager
def lines_written() -> Generator[Callable[[], Lines]]:
    """Gives what was logged since the block began, by whichever thread."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.getHandlerByName("stderr").formatter)
    logging.root.addHandler(handler)
    try:
        yield lambda: Lines(json.loads(line) for line in text.getvalue().splitlines())
    finally:
        logging.root.removeHandler(handler)
