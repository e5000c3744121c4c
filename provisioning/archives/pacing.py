"""Says now and then that somebody is still at something large, so that nobody takes it for abandoned."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Final

# What a slow store takes. Nobody can look after a lease while a file is sent there.
STORED_BYTES_PER_SECOND: Final = 5_000_000
# Of the blocks in which files are read (256 kB), which the slowest machine does in a part of a second.
_BLOCKS_AT_ONCE: Final = 64


def now_and_then(blocks: Iterable[bytes], tell: Callable[[], None]) -> Generator[bytes]:
    """The same blocks; `tell` is called each time that some of them have passed."""
    for number, block in enumerate(blocks, start=1):
        yield block
        if number % _BLOCKS_AT_ONCE == 0:
            tell()
