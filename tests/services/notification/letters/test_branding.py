"""A brand's colours can be read by everyone, and its words cannot break a header."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notification.letters.branding import Branding, contrast
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import render

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("colour", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_what_wcag_defines(colour: str, other: str, ratio: float):
    assert round(contrast(colour, other), 2) == ratio


@given(colour=colours, other=colours)
def test_contrast_has_no_order(colour: str, other: str):
    assert 1 <= contrast(colour, other) == contrast(other, colour) <= 21


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("accent_color", "#8fbc8f"),
        ("accent_color_dark", "#0f5c55"),
        ("accent_color", "teal"),
        ("accent_color", "#fff"),
        ("from_address", "letters@example.org\r\nBcc: x@example.org"),
        ("from_address", "letters"),
        ("sender_name", "Evergreen\nBcc: x"),
        ("product_name", ""),
        ("logo_url", "javascript:alert(1)"),
        ("logo_url", 'https://a.example/"onerror="x'),
    ],
)
def test_a_brand_that_cannot_be_used_is_refused_at_the_start(setting: str, value: str):
    with pytest.raises(ValidationError, match=setting if value.startswith("#") else None):
        Branding.model_validate({setting: value})


def test_the_brand_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    settings: dict[str, Any] = {
        "BRAND_PRODUCT_NAME": "Harbor & Pine",
        "BRAND_ACCENT_COLOR": "#5b2a86",
        "BRAND_SUPPORT_ADDRESS": "help@Harbor.example",
        "BRAND_SUPPORT_PHONE": "800-555-0100",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    letter = render("plan-unknown", LETTERS["plan-unknown"].sample, "en", Branding())

    assert letter.text.startswith("Harbor & Pine\n")
    assert "Harbor &amp; Pine" in letter.html
    assert "help@harbor.example · 800-555-0100" in letter.text
    assert "#5b2a86" in letter.html
    assert "Evergreen" not in letter.text.replace("evergreen-care.example", "")
