"""What every answer tells the browser to refuse, and who is asking behind a proxy."""

import hashlib
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_talisman import Talisman
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.url_safe import URLSafeSerializerMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from config.origins import origin
from config.settings import Environment, Settings

#: How browsers send what was typed.
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
STRIPE_PAGES = ("https://checkout.stripe.com", "https://billing.stripe.com")


def init_app(app: Flask, settings: Settings) -> None:
    """Set the policies, cookies and proxy trust of the application."""
    real = settings.environment is Environment.PRODUCTION
    app.session_interface = _Sessions()
    # Talisman sets it too, but only with the first page; a cookie may be given before.
    app.config["SESSION_COOKIE_SECURE"] = real
    app.before_request(_refuse_nul)
    # Registered first, it runs after Talisman, which sets the same header on every answer.
    app.after_request(_stricter_referrer)
    app.after_request(_keep_private)
    # A form of ours may lead on to the provider's pages and, once its reader has signed in, back to
    # the newsroom's own; nothing else may be sent anywhere.
    stripe = (settings.stripe_api_base,) if settings.stripe_api_base else STRIPE_PAGES
    _Policies(
        app,
        force_https=real,
        strict_transport_security=real,
        strict_transport_security_max_age=2 * 365 * 24 * 3600,
        session_cookie_secure=real,
        session_cookie_samesite="Lax",
        frame_options="DENY",
        referrer_policy="strict-origin-when-cross-origin",
        content_security_policy={
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self'",
            "connect-src": "'self'",
            "form-action": " ".join(("'self'", *stripe, *_own_sites(settings))),
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        },
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def _own_sites(settings: Settings) -> tuple[str, ...]:
    """The newsroom's own sites as a policy names them, with and without "www."."""
    named = map(origin, (settings.newsroom.website, *settings.site_origins))
    hosts = [(site.scheme, site.netloc.removeprefix("www.")) for site in map(urlsplit, named)]
    return tuple(
        f"{scheme}://{door}{host}"
        for scheme, host in dict.fromkeys(hosts)
        # A machine's own name has no other door.
        for door in (("", "www.") if "." in host else ("",))
    )


def _refuse_nul() -> None:
    """Refuse a request with a NUL in it: nobody types one, and no text of the database holds one.

    Here and not in each form: the one field that forgot it would answer with an error of ours.
    """
    texts = [request.path]
    if request.mimetype in FORMS:
        texts += chain.from_iterable(request.form.items(multi=True))
    if b"%00" in request.query_string or any("\0" in text for text in texts):
        abort(400)


def _keep_private(response: Response) -> Response:
    """Let no proxy keep a page, and no browser what names who is signed in, unless a view may."""
    if "Cache-Control" not in response.headers:
        known = "_user_id" in session
        response.headers["Cache-Control"] = "no-store" if known else "private, no-cache"
    return response


def _stricter_referrer(response: Response) -> Response:
    """Follow a view that set `g.referrer_policy`, such as one whose address holds a token."""
    policy = g.get("referrer_policy")
    if policy:
        response.headers["Referrer-Policy"] = policy
    # What staff uploaded may do nothing at all, whatever a browser takes it for.
    if g.get("is_uploaded"):
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class _Policies(Talisman):
    """Talisman that writes down each view's headers once, and not for every answer anew."""

    _written: dict[tuple[str | None, bool], list[tuple[str, str]]]

    def init_app(self, app: Flask, **options: Any) -> None:
        """Bind to the application."""
        self._written = {}
        super().init_app(app, **options)

    def _set_response_headers(self, response: Response) -> Response:
        secure = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
        view = (request.endpoint, secure)
        if view not in self._written:
            blank = Response()
            blank.headers.clear()
            self._written[view] = list(super()._set_response_headers(blank).headers)
        response.headers.update(self._written[view])
        return response


class _Signer(URLSafeTimedSerializer):
    """Signs sessions, and compresses only those that are long.

    To inflate two hundred bytes lets another thread go first, which costs a busy server more than
    it spares the network.
    """

    #: In bytes; a browser keeps 4,096 of a cookie.
    LONG = 1024

    def dump_payload(self, obj: Any) -> bytes:
        """Return a session as text for a cookie."""
        plain = base64_encode(super(URLSafeSerializerMixin, self).dump_payload(obj))
        return plain if len(plain) < self.LONG else super().dump_payload(obj)


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, of which a request without a cookie has none to open."""

    #: Flask wraps the same in Python, and it is called four times for every request.
    digest_method = staticmethod(hashlib.sha1)
    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the application's signer, made once: Flask makes it twice for every request.

        It knows one key: a change of `SECRET_KEY` signs everybody out, fallbacks are not read.
        """
        if self._signer is None:
            how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
            self._signer = _Signer(
                app.config["SECRET_KEY"],
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs=how,
            )
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)
