"""Look at the pages by hand: `python -m tests.site http://127.0.0.1:5000`."""

import sys
import threading

from tests.site.server import Site

with Site(sys.argv[1]) as site:
    print(site.url, flush=True)
    threading.Event().wait()
