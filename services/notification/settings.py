"""What an operator sets for the letters: mail server, pace, links, retention. The brand is in `letters/branding.py`."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, ValidationError

from services.notification.letters.branding import Branding
from services.notification.sending.quiet_hours import QuietHours
from services.notification.sending.smtp_server import SmtpServer
from shared.settings import HttpUrl, Seconds, ServiceSettings, Size, words


def _mail_server(url: str) -> str:
    SmtpServer.from_url(url)
    return url


def _hours(hours: str) -> str:
    QuietHours.parse(hours, "UTC")
    return hours


def _zone(zone: str) -> str:
    QuietHours.parse("", zone)
    return zone


SmtpUrl = Annotated[str, AfterValidator(_mail_server)]
Hours = Annotated[str, AfterValidator(_hours)]
Zone = Annotated[str, AfterValidator(_zone)]


class Settings(ServiceSettings):
    """What the notification service can be told from outside, beside its brand."""

    smtp_url: SmtpUrl = Field(
        default="smtp://127.0.0.1:25", description="The mail server: smtp://user:password@host:port."
    )
    coverage_url: HttpUrl = Field(default="http://127.0.0.1:8081", description="Where clients reach coverage's pages.")
    settlement_url: HttpUrl = Field(
        default="http://127.0.0.1:8083", description="Where clients reach settlement's pages."
    )
    plans_url: HttpUrl | None = Field(
        default=None, description="Where clients see and change their plans, if anywhere."
    )
    link_days: Size = Field(default=30, description="How many days a signed link to a form works.")
    statement_link_days: Size = Field(
        default=120, description="How many days the link to the statement of a visit works: longer than its 90 days."
    )
    letters_per_second: Size = Field(default=500, description="The most letters that one process sends a second.")
    letter_poll_seconds: Seconds = Field(
        default=0.5, description="How often due letters are looked for, beside the looks after each commit."
    )
    letter_gather_seconds: Annotated[float, Field(ge=0, le=3_600)] = Field(
        default=20,
        description="How long a letter that rests on what insurers say waits for one that may replace it.",
    )
    quiet_hours: Hours = Field(
        default="", description="Letters that are not urgent wait in these hours, such as 21:00-07:00."
    )
    quiet_time_zone: Zone = Field(default="America/New_York", description="The zone of the quiet hours.")
    bounce_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="What whoever posts bounces must show; without one POST /bounces is not served."
    )

    def told(self) -> dict[str, Any]:
        """The brand has settings of its own. Raises ValueError: one of them is wrong."""
        try:
            branding = Branding()
        except ValidationError as error:
            raise ValueError(f"BRAND_*: {words(error)}") from None
        return {f"brand_{name}": value for name, value in branding}

    def page_urls(self) -> tuple[str, ...]:
        """The pages are coverage's and settlement's."""
        return (self.coverage_url, self.settlement_url)
