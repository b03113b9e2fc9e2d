"""The probe of the receipts: smtplib alone sends ready-made letters over one connection.

`python -m tests.benchmarks.plain_loop PORT COUNT DIRECTORY` sends the letters (*.eml) over and
over until COUNT have gone, and prints the seconds and the processor seconds that took as JSON.
It holds itself to one core.
"""

import json
import smtplib
import sys
import time
from pathlib import Path

from config.local.ports import LOOPBACK
from tests.benchmarks.house import hold_to_one_core

SENDER, READER = "support@newsroom.example", "reader@example.org"


def main(port: int, count: int, directory: Path) -> None:
    """Send the letters and print what it took."""
    letters = [file.read_bytes() for file in sorted(directory.glob("*.eml"))]
    hold_to_one_core(0)
    with smtplib.SMTP(LOOPBACK, port) as server:
        server.ehlo()
        began, used = time.perf_counter(), time.process_time()
        for number in range(count):
            server.sendmail(SENDER, [READER], letters[number % len(letters)])
        took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    print(json.dumps(took))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
