"""One line that shows how far something is, written over on a terminal and in a notebook, and absent elsewhere."""

from __future__ import annotations

import shutil
import sys
import time

_INTERVAL = 0.2  # s between two lines


class Line:
    """A line on standard error that is written over."""

    def __init__(self, quiet: bool) -> None:
        self._is_shown = not quiet and (sys.stderr.isatty() or "ipykernel" in sys.modules)
        self._width = 0
        self._last = 0.0

    def show(self, text: str) -> None:
        """Put a text in the place of the last one, unless that has just come."""
        now = time.monotonic()
        if not self._is_shown or now - self._last < _INTERVAL:
            return
        self._last = now
        text = text[: shutil.get_terminal_size().columns - 1]
        print("\r" + text.ljust(self._width), end="", file=sys.stderr, flush=True)
        self._width = len(text)

    def end(self) -> None:
        """Leave the last line and begin a new one."""
        if self._width:
            print(file=sys.stderr)
