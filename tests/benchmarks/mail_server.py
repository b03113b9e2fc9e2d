"""A mail server as a newsroom has one: a relay nearby, which keeps what it takes.

`python -m tests.benchmarks.mail_server PORT DIRECTORY MILLISECONDS` serves until it is stopped. A
letter is on the disk before it is answered for, because 250 means that it is now the server's own
concern (RFC 5321 4.2.5); then it is deleted, as if it had been passed on. The first ones stay in
the directory, for the probe to send. The answer to each letter comes MILLISECONDS later than it
might: the network and what a relay looks at take their time.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.local.ports import LOOPBACK

#: How many letters stay.
KEPT = 200


class Spool:
    """Takes letters onto the disk."""

    def __init__(self, directory: Path, seconds: float) -> None:
        self.directory = directory
        self.seconds = seconds
        self.taken = 0

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Write a letter down, and only then answer for it."""
        self.taken += 1
        path = self.directory / f"{self.taken:06d}.eml"
        handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(handle, envelope.original_content or b"")
        os.fsync(handle)
        os.close(handle)
        if self.taken > KEPT:
            path.unlink()
        if self.seconds:
            await asyncio.sleep(self.seconds)
        return "250 OK"


def main(port: int, directory: Path, milliseconds: float) -> None:
    """Serve until stopped."""
    controller = Controller(Spool(directory, milliseconds / 1000), hostname=LOOPBACK, port=port)
    controller.start()
    print("ready", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
