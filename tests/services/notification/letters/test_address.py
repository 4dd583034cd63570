"""Which addresses the post takes."""

import pytest

from services.notification.letters.address import InvalidAddressError, checked_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" sam@example.org ", "sam@example.org"),
        ("Sam.O'Neil+letters@Mail.Example.ORG", "Sam.O'Neil+letters@mail.example.org"),
        ("sam@bücher.example", "sam@xn--bcher-kva.example"),
        ("s@localhost", "s@localhost"),
    ],
)
def test_a_plain_address_is_taken(typed: str, address: str):
    assert checked_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "sam", "@example.org", "sam@", "a b@example.org", "sam@exa mple.org", "sam@example..org", "sam@-a.org",
        "sam@example.org\r\nBcc: x@example.org", "Sam <sam@example.org>", "sam@a.org, x@b.org", '"a b"@example.org',
        ".sam@example.org", "sam.@example.org", "s..m@example.org", "josé@example.org", "x" * 65 + "@example.org",
        "sam@" + "a" * 64 + ".org", "sam@" + ".".join(["a" * 60] * 5), "sam@[127.0.0.1]", "sam@example.org\x00",
    ],
)  # fmt: skip
def test_anything_else_is_refused_without_being_repeated(typed: str):
    with pytest.raises(InvalidAddressError) as refusal:
        checked_address(typed)

    assert not typed or typed not in str(refusal.value)
