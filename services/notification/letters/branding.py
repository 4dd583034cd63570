"""Whose name and colours the letters carry."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notification.letters.address import checked_address

# The backgrounds that letters/templates/layout paints on; an accent colour must be readable on each.
LIGHT_GROUNDS = ("#ffffff", "#f1f5f7")
DARK_GROUNDS = ("#161d23", "#212b33")
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, level AA

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Address = Annotated[str, AfterValidator(checked_address)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Branding(BaseSettings):
    """Whose letters these are. Read from `BRAND_*`; every letter, page and sender line uses it.

    The sender and product names stand in a subject's neighbourhood on a locked phone: choose ones that say nothing
    about the kind of care.
    """

    model_config = SettingsConfigDict(env_prefix="BRAND_", frozen=True, use_attribute_docstrings=True)

    product_name: Name = "Evergreen Care"
    """The name at the top and in the text."""
    sender_name: Name = "Evergreen Care"
    """The name that an inbox shows as the sender."""
    from_address: Address = "letters@evergreen-care.example"
    """The sender's address."""
    support_address: Address = "support@evergreen-care.example"
    """Where a reader's questions and replies go."""
    support_phone: Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z+() .-]+$")] | None = None
    """Where questions go by phone."""
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


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio (1 to 21) of two colours `#rrggbb`, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
