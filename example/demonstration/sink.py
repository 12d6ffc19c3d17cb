"""A real SMTP server that keeps every mail as a file and passes none on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from demonstration.processes import LOOPBACK, free_port


class FolderHandler:
    """Saves each accepted mail as an .eml file whose name sorts by arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        arrived = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        path = self._folder / f"{arrived}-{next(self._numbers)}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(envelope.original_content or b"")
        part.rename(path)  # so that nobody reads half a mail
        return "250 kept"


@contextmanager
def mail_sink(folder: Path) -> Iterator[int]:
    """Serve on the loopback interface until left; yields the port."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(FolderHandler(folder), hostname=LOOPBACK, port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
