"""What a site may ask, and how long what it gets is good for. Pure.

After RFC 7636 (PKCE, S256 alone), RFC 9700 and RFC 10017: the site is a public client in a browser.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

#: How long a code may be handed in, once.
CODE_LIFE = timedelta(seconds=60)
#: How long a token is good; a patron who leaves is taken for one no longer than this.
TOKEN_LIFE = timedelta(hours=1)
#: How long a renewal is good that nobody uses; each use gives a new one.
RENEWAL_LIFE = timedelta(days=90)
#: How long after its use the same one still gives another: an answer may be lost on its way.
GRACE = timedelta(seconds=90)
#: How long one that was used is kept, to notice that it comes again.
USED_KEPT = timedelta(days=7)
#: How long what a site asked waits for its reader to sign in.
ASK_LIFE = timedelta(hours=1)

#: A key is published so long before it signs: longer than anybody keeps the list of keys.
KEY_LEAD = timedelta(days=1)
#: How long one key signs.
KEY_PERIOD = timedelta(days=30)
#: How long a key is published after it has signed its last token.
KEY_REST = timedelta(hours=24)

LONGEST_ADDRESS = 2000
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
STATE = re.compile(r"[A-Za-z0-9._~-]{16,128}")

#: What the address of a page of the site carries back.
CODE_NAME, STATE_NAME = "hromada_code", "hromada_state"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a page of the site asks."""

    #: The page to go back to.
    return_to: str
    #: BASE64URL(SHA-256(verifier)), RFC 7636.
    challenge: str
    #: By which the page knows its own question again.
    state: str

    @property
    def origin(self) -> str:
        """The site that asks, as browsers name it."""
        return origin_of(self.return_to)

    @property
    def is_whole(self) -> bool:
        """Whether challenge and state are ones, and the address is of no odd kind."""
        return bool(
            CHALLENGE.fullmatch(self.challenge)
            and STATE.fullmatch(self.state)
            and is_plain(self.return_to)
        )


def is_plain(address: str) -> bool:
    """Whether an address means the same to every browser as it does to us.

    Browsers drop line breaks and read a backslash as a slash, so nothing of the kind is taken.
    """
    if not 0 < len(address) <= LONGEST_ADDRESS or not address.isascii():
        return False
    if not address.isprintable() or set(address) & set(' \\<>"#'):
        return False
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def origin_of(address: str) -> str:
    """Return the origin of a plain address as browsers write it: no port where it is the usual."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    if ":" in host:
        host = f"[{host}]"
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def answered(return_to: str, code: str, state: str) -> str:
    """Return the page to go back to with the code and the page's own state."""
    parts = urlsplit(return_to)
    ours = {CODE_NAME: code, STATE_NAME: state}
    # Left as it is written: a site may tell "?a" from "?a=".
    kept = [part for part in parts.query.split("&") if part and part.split("=")[0] not in ours]
    query = "&".join((*kept, urlencode(ours)))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def proves(verifier: str, challenge: str) -> bool:
    """Whether a verifier is the one whose challenge was asked with (RFC 7636, section 4.6)."""
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    made = urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
