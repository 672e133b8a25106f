"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write(path: str | os.PathLike[str], contents: bytes, force: bool) -> None:
    """Write a file by way of a temporary one beside it; one that exists is replaced only by force."""
    target = Path(path)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as stream:
        try:
            stream.write(contents)
            stream.flush()
            os.fsync(stream.fileno())
            os.chmod(stream.name, 0o666 & ~_umask())
            if force:
                os.replace(stream.name, target)
                return
            os.link(stream.name, target)
        except FileExistsError:
            raise FileExistsError(f"{target}: the file exists\n  hint: give another name, or force=True") from None
        finally:
            Path(stream.name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
