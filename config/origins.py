"""Sites as browsers name them: scheme, host and port, without a path."""

from urllib.parse import urlsplit


def origin(address: str) -> str:
    """Return an address's origin as it stands in headers: in ASCII, "новини.укр" as xn--….

    A port of "*", as in http://localhost:*, stays. Raises `ValueError` for what is no address of
    the web.
    """
    parts = urlsplit(address)
    host, _, port = parts.netloc.rpartition("@")[2].partition(":")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("must be an address such as https://example.org")
    try:
        # RFC 3490, as every browser writes the host of a page's origin.
        named = host.encode("idna").decode().lower()
    except UnicodeError:
        raise ValueError(f"{host!r} is no name of a site") from None
    return f"{parts.scheme}://{named}" + (f":{port}" if port else "")
