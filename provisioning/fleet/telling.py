"""What a command that waits for the fleet says meanwhile: one line that changes on a terminal, else two for each wave."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from django.core.management.base import OutputWrapper
from django.db import DatabaseError

from provisioning.fleet.reading import WaveLine, latest_fleet_run

# Back to the beginning of the line, and away with what stood there.
_ANEW: Final = "\r\x1b[K"


class Progress:
    """Says how far it is. `look` may be called as often as one likes, and costs a few small statements."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._is_terminal = out.isatty()
        self._said: set[str] = set()

    def say(self, text: str) -> None:
        """What is being done now, such as planning; the next word takes its place on a terminal."""
        self._out.write(f"{_ANEW}{text}" if self._is_terminal else text, ending="" if self._is_terminal else None)
        self._out.flush()

    def look(self) -> None:
        """How far the newest run is. Quiet while PostgreSQL is away: the run itself waits for it, too."""
        with suppress(DatabaseError):
            picture = latest_fleet_run()
            if picture is not None:
                self._tell([wave for wave in picture.waves if wave.total])

    def end(self) -> None:
        """Leave the line to what comes next."""
        if self._is_terminal:
            self._out.write(_ANEW, ending="")

    def _tell(self, waves: list[WaveLine]) -> None:
        if self._is_terminal:
            self.say("; ".join(_words(wave) for wave in waves))
            return
        for wave in waves:
            # The next one begins when this one is over.
            if wave.running or wave.ended:
                self._say_once(f"{wave.label}: begun, {wave.total} to bring along")
            if wave.ended == wave.total:
                self._say_once(_words(wave))

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.say(text)


def _words(wave: WaveLine) -> str:
    failed = f", {wave.failed} failed" if wave.failed else ""
    return f"{wave.label}: {wave.ended} of {wave.total}{failed}"
