"""One line that shows how far something is, written over on a terminal and in a notebook, and absent elsewhere."""

from __future__ import annotations

import shutil
import sys
import time

_INTERVAL = 0.2  # s between two lines


class Line:
    """A line on standard error, or in the output of a cell, that is written over."""

    def __init__(self, quiet: bool) -> None:
        in_notebook = "ipykernel" in sys.modules
        self._stream = sys.stdout if in_notebook else sys.stderr
        is_terminal = getattr(sys.stderr, "isatty", lambda: False)
        self._is_shown = not quiet and self._stream is not None and (in_notebook or is_terminal())
        self._width = 0
        self._last = 0.0
        self._waiting: str | None = None

    def show(self, text: str) -> None:
        """Put a text in the place of the last one, at once or when that has been there for a moment."""
        self._waiting = text
        now = time.monotonic()
        if now - self._last >= _INTERVAL:
            self._last = now
            self._write()

    def end(self) -> None:
        """Leave the last line and begin a new one."""
        self._write()
        if self._width:
            print(file=self._stream)
            self._width = 0

    def _write(self) -> None:
        if not self._is_shown or self._waiting is None:
            return
        text = self._waiting[: shutil.get_terminal_size().columns - 1]
        print("\r" + text.ljust(self._width), end="", file=self._stream, flush=True)
        self._width, self._waiting = len(text), None
