"""Settings: typed, described, frozen, read once from the environment, complete or refused."""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config import newsroom
from config.origins import origin

#: A secret that starts so was shipped with the demo and protects nothing.
DEMO_PREFIX = "demo-"


class Environment(StrEnum):
    """Where this process runs."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class IncompleteSettings(SystemExit):
    """A setting is missing or wrong; the message names each one. Ends the process with 1."""


def _without_slash(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ValueError("must be an address such as https://support.example.org")
    return url.rstrip("/")


def _bare(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if not address.isascii() or not local or not domain or set(address) & set(' <>,"\t\r\n'):
        raise ValueError("must be an address alone, such as support@example.org")
    return address


Address = Annotated[str, AfterValidator(_without_slash)]


class Settings(BaseSettings):
    """Everything a deployment decides. The field's name in capitals is the variable's name."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Environment = Field(description="demo, test or production.")
    site_url: Address = Field(description="The address readers see, without a final slash.")
    secret_key: SecretStr = Field(description="Signs sessions and forms; 32 random bytes or more.")
    sealing_key: SecretStr = Field(
        description="Seals ballot keys and second factors at rest. Keep it out of database backups."
    )
    database_url: SecretStr = Field(
        description="PostgreSQL: postgresql+psycopg://user:pass@host/db"
    )
    redis_url: str = Field(
        description="Redis, for rate limits and nudges: redis://host:6379/0", repr=False
    )
    broker_url: str | None = Field(
        default=None, description="The Celery broker; REDIS_URL where none is named.", repr=False
    )
    smtp_url: SecretStr = Field(
        description="smtp://user:pass@host:587 (STARTTLS when offered) or smtps://host:465"
    )
    mail_from: Annotated[str, AfterValidator(_bare)] = Field(
        description="The address letters come from; the name beside it is the newsroom's."
    )
    stripe_api_key: SecretStr = Field(
        description="sk_test_..., rk_test_..., sk_live_... or rk_live_..."
    )
    stripe_api_base: Address | None = Field(
        default=None, description="Only for the sandbox stand-in; never with a live key."
    )
    stripe_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        description="Signing secrets of our webhook endpoints, separated by commas."
    )
    newsroom_file: Path = Field(description="The TOML file with the newsroom's words and colours.")
    site_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="The newsroom's own sites beside its website, as https://example.org.",
    )
    currencies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("EUR", "USD", "GBP", "UAH", "CAD", "PLN", "JPY"),
        description="Currencies offered, the first by default.",
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for /metrics; required in production."
    )
    trusted_proxies: int = Field(
        default=0, ge=0, description="How many reverse proxies set X-Forwarded-For before us."
    )
    lease_seconds: float = Field(
        default=60,
        gt=0,
        description="How long one worker keeps a claimed row before another may try it again.",
    )
    grace_days: int = Field(
        default=14, ge=0, description="How long a patron keeps standing after a failed renewal."
    )
    renewal_attempts: int = Field(
        default=4,
        ge=1,
        description="How often Stripe tries to take a renewal, retries included, as set there.",
    )
    renewal_reminder_days: int = Field(
        default=14, ge=0, le=60, description="How long before a yearly renewal its reminder goes."
    )
    refund_alone_most: int = Field(
        default=100,
        ge=0,
        description="To how much, in whole units of its currency, one member of staff refunds.",
    )
    fraud_refund_most: int = Field(
        default=50,
        ge=0,
        description="To how much a gift its card's bank warns of is sent back by rule; 0: never.",
    )
    give_seconds: float = Field(
        default=2, ge=0, description="How long a person needs at least to fill in the giving form."
    )
    shield_unpaid: int = Field(
        default=30,
        gt=0,
        description="So many gifts begun and not paid within the window raise the shield.",
    )
    shield_paid_percent: int = Field(
        default=20,
        ge=1,
        le=100,
        description="They do so only while less than this share of all begun is paid.",
    )
    shield_window_minutes: int = Field(
        default=10, gt=0, description="The window in which gifts begun and paid are counted."
    )
    shield_quiet_minutes: int = Field(
        default=30, gt=0, description="How long it must be quiet before the shield is lowered."
    )
    vote_while_paused: Literal["paid_period", "whole_pause"] = Field(
        default="paid_period",
        description="How long a patron who pauses may vote: while it is paid, or all along.",
    )
    proposals_per_month: int = Field(
        default=3, ge=0, description="How many topics one patron may suggest in a month; 0: none."
    )
    monday_letter_hour: int = Field(
        default=8,
        ge=0,
        le=23,
        description="From which hour of Monday, there, staff who want it get the week's figures.",
    )
    deferred_income: Literal["off", "on"] = Field(
        default="off",
        description="Whether a report spreads yearly gifts over the year, for who books them so.",
    )
    export_at_once: int = Field(
        default=20_000,
        ge=0,
        description="Files of more rows than this are made by a job and fetched by a link.",
    )
    export_hours: int = Field(
        default=24, ge=1, le=168, description="For how long such a file is kept to be fetched."
    )
    takeout_hours: int = Field(
        default=48, ge=24, le=72, description="For how long a file of one's own data is kept."
    )
    erasure_days: int = Field(
        default=7, ge=1, le=30, description="How many days an erasure can be undone."
    )
    books_years: int = Field(
        default=10,
        ge=1,
        le=100,
        description="How many whole years after the year of a gift the law asks for it to be kept.",
    )
    audit_years: int = Field(
        default=10, ge=1, le=100, description="How many years the log of what staff did is kept."
    )
    letter_years: int = Field(
        default=3, ge=1, le=100, description="How many years it is kept which letters were sent."
    )
    event_days: int = Field(
        default=90,
        ge=31,
        le=3650,
        description="For how many days what Stripe told is kept as it came.",
    )
    log_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How many days whoever runs the server keeps its logs, as the page says.",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @model_validator(mode="before")
    @classmethod
    def split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        """Read comma-separated lists."""
        for name in ("stripe_webhook_secrets", "currencies", "site_origins"):
            value = values.get(name)
            if isinstance(value, str):
                values[name] = tuple(part.strip() for part in value.split(",") if part.strip())
        return values

    @model_validator(mode="after")
    def coherent(self) -> Self:
        """Refuse what would lose money or secrets: sandbox with live, demo secrets for real."""
        key = self.stripe_api_key.get_secret_value()
        if self.stripe_api_base and "_live_" in key:
            raise ValueError("STRIPE_API_BASE points at a stand-in, but STRIPE_API_KEY is live")
        if not self.stripe_api_base and DEMO_PREFIX in key:
            raise ValueError("STRIPE_API_KEY is the demo's; name STRIPE_API_BASE or a real key")
        if self.livemode and self.environment is not Environment.PRODUCTION:
            raise ValueError("STRIPE_API_KEY is live; only ENVIRONMENT=production moves real money")
        if not self.stripe_webhook_secrets:
            raise ValueError("STRIPE_WEBHOOK_SECRETS is empty")
        for site in self.site_origins:
            origin(site)
        if not self.currencies:
            raise ValueError("CURRENCIES is empty")
        if self.environment is Environment.PRODUCTION:
            self._fit_for_production()
        return self

    def _fit_for_production(self) -> None:
        secrets = {
            "SECRET_KEY": self.secret_key,
            "SEALING_KEY": self.sealing_key,
            "METRICS_TOKEN": self.metrics_token,
            "STRIPE_API_KEY": self.stripe_api_key,
        }
        webhooks = [("STRIPE_WEBHOOK_SECRETS", secret) for secret in self.stripe_webhook_secrets]
        for name, secret in [*secrets.items(), *webhooks]:
            if secret is None:
                raise ValueError(f"{name} is required in production")
            if DEMO_PREFIX in secret.get_secret_value():
                raise ValueError(f"{name} is a demo secret; production needs its own")
        for name in ("secret_key", "sealing_key"):
            if len(getattr(self, name).get_secret_value()) < 32:
                raise ValueError(f"{name.upper()} needs at least 32 characters")
        if self.stripe_api_base:
            raise ValueError("STRIPE_API_BASE points at a stand-in; production speaks to Stripe")
        if any(not site.startswith("https://") or "*" in site for site in self.site_origins):
            raise ValueError("SITE_ORIGINS must each be named in full, as https://example.org")
        if not self.site_url.startswith("https://"):
            raise ValueError("SITE_URL must start with https:// in production")

    @property
    def livemode(self) -> bool:
        """Whether the key moves real money; events of the other mode are not ours."""
        return "_live_" in self.stripe_api_key.get_secret_value()

    @cached_property
    def newsroom(self) -> newsroom.Newsroom:
        """The newsroom's words and colours."""
        return newsroom.load(self.newsroom_file)


def read() -> Settings:
    """Read the settings, or end the process with one line for each that is missing or wrong."""
    try:
        settings = Settings()
        # Read here so that a bad file stops the start and not the first page.
        settings.newsroom  # noqa: B018
    except ValidationError as error:
        raise IncompleteSettings(_explain(error)) from None
    except (OSError, ValueError) as error:
        raise IncompleteSettings(f"NEWSROOM_FILE cannot be read: {error}") from None
    return settings


def _explain(error: ValidationError) -> str:
    """One line for each wrong value; the values themselves, which may be secret, stay out."""
    lines = ["The settings are not complete (config/example.env explains each):"]
    for problem in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"]).upper()
        what = "is missing" if problem["type"] == "missing" else problem["msg"]
        lines.append(f"  {name}: {what}" if name else f"  {what}")
    return "\n".join(lines)
