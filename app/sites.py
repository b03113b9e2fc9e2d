"""Which sites are the newsroom's own: where its articles are read and our elements stand."""

from urllib.parse import SplitResult, urlsplit

from app.current import newsroom, settings
from config.origins import origin

PORTS = {"http": 80, "https": 443}
#: Stands for a port that is not known beforehand, on a developer's machine.
ANY_PORT = "*"


def origins() -> tuple[str, ...]:
    """Return the origins of the newsroom's own sites, its website first."""
    return tuple(map(origin, (newsroom().website, *settings().site_origins)))


def is_ours(address: str) -> bool:
    """Whether an address, or an origin as browsers send it, is of one of these sites.

    With or without "www.": the same house has two doors.
    """
    try:
        if urlsplit(address).username is not None:
            return False
        asked = urlsplit(origin(address))
        port: object = asked.port or PORTS.get(asked.scheme)
    except ValueError:
        return False
    return any(
        asked.scheme == own.scheme and _host(asked) == _host(own) and _port(own) in (port, ANY_PORT)
        for own in map(urlsplit, origins())
    )


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def _port(own: SplitResult) -> object:
    if own.netloc.endswith(f":{ANY_PORT}"):
        return ANY_PORT
    return own.port or PORTS.get(own.scheme)
