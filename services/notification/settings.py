"""What an operator sets for the letters: whose name and colours they carry."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notification.address import checked_address
from services.notification.quiet_hours import QuietHours
from services.notification.smtp_server import SmtpServer
from shared.settings import HttpUrl, Seconds, ServiceSettings, Size

# The grounds that letters/layout paints on; an accent colour must be readable on each.
LIGHT_GROUNDS = ("#ffffff", "#f1f5f7")
DARK_GROUNDS = ("#161d23", "#212b33")
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, level AA


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
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Address = Annotated[str, AfterValidator(checked_address)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Branding(BaseSettings):
    """Whose letters these are. Read from `BRAND_*`; every letter, page and sender line uses it.

    The sender and product names stand in a subject's neighbourhood on a locked phone: choose ones that say nothing
    about the kind of care.
    """

    model_config = SettingsConfigDict(env_prefix="BRAND_", frozen=True)

    product_name: Name = "Evergreen Care"
    """The name at the top and in the text."""
    sender_name: Name = "Evergreen Care"
    """The name that an inbox shows as the sender."""
    from_address: Address = "letters@evergreen-care.example"
    support_address: Address = "support@evergreen-care.example"
    """Where a reader's questions and replies go."""
    support_phone: Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z+() .-]+$")] | None = None
    logo_url: Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s\"'<>]+$")] | None = None
    """A picture about 160 px wide; without one the product's name is written."""
    accent_color: Colour = "#0f5c55"
    """Buttons, links and marks on white."""
    accent_color_dark: Colour = "#86d8ca"
    """The same in dark mode: a light tint."""

    @model_validator(mode="after")
    def colours_are_readable(self) -> Self:
        """Refuse colours that people with low vision could not read."""
        for colour, field, grounds in (
            (self.accent_color, "accent_color", LIGHT_GROUNDS),
            (self.accent_color_dark, "accent_color_dark", DARK_GROUNDS),
        ):
            least = min(contrast(colour, ground) for ground in grounds)
            if least < LEAST_CONTRAST:
                raise ValueError(f"{field} {colour} has a contrast of {least:.1f}; {LEAST_CONTRAST} is needed")
        return self


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio (1 to 21) of two colours `#rrggbb`, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


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
    link_days: Size = Field(default=30, description="How many days a signed link in a letter works.")
    letters_per_second: Size = Field(default=500, description="The most letters that one process sends a second.")
    letter_poll_seconds: Seconds = Field(
        default=0.5, description="How often due letters are looked for, beside the looks after each commit."
    )
    letter_facts_days: Annotated[int, Field(ge=30, le=3_650)] = Field(
        default=365, description="Days after which the facts of an ended letter are forgotten; that it went out is not."
    )
    quiet_hours: Hours = Field(
        default="", description="Letters that are not urgent wait in these hours, such as 21:00-07:00."
    )
    quiet_time_zone: Zone = Field(default="America/New_York", description="The zone of the quiet hours.")
    bounce_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="What whoever posts bounces must show; without one POST /bounces is not served."
    )
