"""SMTP_URL, as operators write it."""

import pytest

from services.notification.sending.smtp_server import SmtpServer, SmtpUrlError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:1025", {"host": "127.0.0.1", "port": 1025, "tls": False, "starttls": "offered"}),
        ("smtp://mail.example", {"port": 25, "starttls": "offered", "username": None, "password": None}),
        ("smtp://u:p@mail.example", {"port": 587, "starttls": "always", "username": "u"}),
        ("smtp://u%40x.org:p%3A%2F@mail.example:25?starttls=never", {"username": "u@x.org", "starttls": "never"}),
        ("smtps://u:p@mail.example", {"port": 465, "tls": True, "starttls": "never"}),
        (
            "smtp://[::1]:25?starttls=true&timeout=5&connections=8",
            {"host": "::1", "starttls": "always", "timeout": 5.0},
        ),
    ],
)
def test_an_address_is_read_with_safe_choices_for_what_it_leaves_out(url: str, expected: dict[str, object]):
    server = SmtpServer.from_url(url)

    assert {name: getattr(server, name) if name != "password" else server.password for name in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "mail.example:25", "http://mail.example", "smtp://", "smtp://mail.example:99999", "smtp://mail.example:x",
        "smtp://mail.example?starttls=maybe", "smtp://mail.example?timeout=-1", "smtp://mail.example?tiemout=3",
        "smtp://u:s3cret@mail.example?connections=0", "smtp://u:s3cret@mail.example?ca=/nowhere/ca.pem",
        f"smtp://u:s3cret@mail.example?ca={__file__}",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_in_one_line(url: str):
    with pytest.raises(SmtpUrlError) as refusal:
        SmtpServer.from_url(url)

    assert str(refusal.value).startswith("SMTP_URL")
    assert "\n" not in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_the_password_is_decoded_and_never_shown():
    server = SmtpServer.from_url("smtp://u:p%3Ass@mail.example")

    assert server.password is not None
    assert server.password.get_secret_value() == "p:ss"
    assert "p:ss" not in repr(server)
