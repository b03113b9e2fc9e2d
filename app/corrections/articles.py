"""Articles as readers' letters name them: one address however it was shared. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from app.corrections.rules import LONGEST_URL

#: What links carry to tell where their readers come from; the article is the same without it.
TRACKING = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|yclid|msclkid|igshid|mc_[ce]id|ref|amp|replytocom)$"
)
ODD = set(' \\<>"')


@dataclass(frozen=True, slots=True)
class Article:
    """An article: its address, less what only tells how a reader came, and what it is known by."""

    url: str
    #: Host and path and what of the query matters: the same for every way to write the address.
    key: str


def read(text: str) -> Article | None:
    """Return the article at an address on the web; None where the text is no such address."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_URL or not text.isprintable() or set(text) & ODD:
        return None
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    query = urlencode(
        [pair for pair in parse_qsl(parts.query) if not TRACKING.match(pair[0].lower())]
    )
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    url = urlunsplit((parts.scheme, host + port, path or "/", query, ""))
    name = path.rstrip("/").removesuffix("/amp")
    key = f"{host.removeprefix('www.')}{port}{name}" + (f"?{query}" if query else "")
    if len(url) > LONGEST_URL or len(key) > LONGEST_URL:
        return None
    return Article(url, key)
