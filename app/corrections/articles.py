"""Articles as readers' letters name them: one address however it was shared. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

from app.corrections.rules import LONGEST_URL

#: What links carry to tell where their readers come from, and often who they are; the article is
#: the same without it. By who puts it there.
TRACKING = re.compile(
    r"^("
    # Campaigns of anybody's.
    r"utm_.*|mtm_.*|matomo_.*|pk_.*|piwik_.*|hsa_.*|at_(medium|campaign|custom\d+)|wt\.?_?mc.*|cmpid"
    r"|xtor|s_kwcid|_openstat"
    # Networks and searches.
    r"|fbclid|fb_(action_ids|action_types|source|ref)|igsh(id)?|gclid|gclsrc|gbraid|wbraid|dclid"
    r"|gad_(source|campaignid)|srsltid|_ga|_gl|yclid|ysclid|ymclid|msclkid|ttclid|twclid|tblci"
    r"|rdt_cid|li_fat_id|epik|sc(cid|_cid)|obclid|ref|ref_(src|url)|__twitter_impression"
    r"|_branch_match_id|guccounter|guce_referrer(_sig)?"
    # Letters, which tell their reader by a number.
    r"|mc_[ce]id|mkt_tok|_hs(enc|mi)|hsctatracking|vero_(id|conv)|oly_(enc|anon)_id|ml_subscriber.*"
    r"|_kx|_ke|elq(trackid|track|aid|at)?|dm_i|ck_subscriber_id|nr_email_referer|sfmc_.*"
    # Other shapes of the same page.
    r"|amp|noamp|amp_(js_v|gsa)|usqp|replytocom"
    r")$"
)
ODD = set(' \\<>"')
PORTS = {"http": 80, "https": 443}
#: What stands in a part of a path without an escape (RFC 3986, 3.3).
IN_PATH = "!$&'()*+,;=:@~-._"


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
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        port = f":{parts.port}" if parts.port not in (None, PORTS.get(parts.scheme)) else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in PORTS or not host or "@" in parts.netloc:
        return None
    query = _named(parts.query)
    path = encoded(parts.path)
    url = urlunsplit((parts.scheme, host + port, path or "/", query, ""))
    name = path.rstrip("/").removesuffix("/amp")
    key = f"{host.removeprefix('www.')}{port}{name}" + (f"?{query}" if query else "")
    if len(url) > LONGEST_URL or len(key) > LONGEST_URL:
        return None
    return Article(url, key)


def _named(query: str) -> str:
    """Return what of a query names the article: no tracking, and nothing that was left empty."""
    kept = []
    for part in query.split("&"):
        # Some sites call an article by a name alone: "?2026/river", "?1234".
        alone = "=" not in part
        pair = parse_qsl(part, keep_blank_values=alone)
        if pair and not TRACKING.match(pair[0][0].lower()):
            kept.append(encoded(part) if alone else urlencode(pair))
    return "&".join(kept)


def searched(text: str) -> str:
    """Write what staff look for as it would stand in an address."""
    return "?".join(map(encoded, text.split("?")))


def encoded(path: str) -> str:
    """Write a path in one way: each part decoded and encoded again (RFC 3986, 6.2.2).

    So a slug is the same in letters, in escapes and in escapes of small letters, while an escaped
    slash stays a part of its part.
    """
    return "/".join(quote(unquote_to_bytes(part), safe=IN_PATH) for part in path.split("/"))
