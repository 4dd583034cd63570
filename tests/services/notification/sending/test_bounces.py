"""Notices as mail servers send them back, tidy and untidy."""

import pytest

from services.notification.sending.bounces import Bounce, read_bounces

LETTER = "<3cc2cba5-7a6c-5439-9487-c524db5518d3@brand.example>"


def notice(
    status: str, original: str = f"Message-ID: {LETTER}\nSubject: x", kind: str = "text/rfc822-headers"
) -> bytes:
    """A delivery status notification with the given fields and returned headers."""
    return f"""From: MAILER-DAEMON@mx.example
To: letters@brand.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.

--b
Content-Type: message/delivery-status

{status}

--b
Content-Type: {kind}

{original}

--b--
""".encode()


FIELDS = """Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Sam@Example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <sam@example.org>: Recipient address rejected"""
HARD = Bounce("sam@example.org", LETTER, "5.1.1", "failed")


def test_a_tidy_notice_gives_recipient_letter_and_status():
    assert read_bounces(notice(FIELDS)) == (HARD,)
    assert HARD.permanent


UNNAMED = Bounce("sam@example.org", None, "5.1.1", "failed")
ANSWERING = notice(FIELDS, "Subject: x").replace(b"Auto-Submitted", b"In-Reply-To: " + LETTER.encode() + b"\nX-Auto")
RELAYED = "\n\nFinal-Recipient: rfc822; kim@example.org\nAction: relayed\nStatus: 2.0.0"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(5_000))
NOTICES: dict[str, tuple[bytes, tuple[Bounce, ...]]] = {
    "with network line ends": (notice(FIELDS).replace(b"\n", b"\r\n"), (HARD,)),
    "whole original, folded": (
        notice(FIELDS, f"From: a@b.c\nMessage-Id:\n {LETTER}\n\nBody", "message/rfc822"),
        (HARD,),
    ),
    "no space after the type": (notice(FIELDS.replace("rfc822; Sam", "RFC822;Sam")), (HARD,)),
    "no type at all": (notice(FIELDS.replace("rfc822; Sam@Example.org", "<sam@example.org>")), (HARD,)),
    "only the original recipient": (notice(FIELDS.replace("Final", "Original")), (HARD,)),
    "vague status, better diagnosis": (notice(FIELDS.replace("Status: 5.1.1", "Status: 5.0.0")), (HARD,)),
    "no status, but a diagnosis": (notice(FIELDS.replace("Status: 5.1.1\n", "")), (HARD,)),
    "no action": (notice(FIELDS.replace("Action: failed\n", "")), (HARD,)),
    "shouted": (notice(FIELDS.replace("Action: failed", "ACTION: FAILED")), (HARD,)),
    "letter only in In-Reply-To": (ANSWERING, (HARD,)),
    "letter not named": (notice(FIELDS, "Subject: x"), (UNNAMED,)),
    "hardly anything": (
        notice("Reporting-MTA: dns; x\n\nAction: failed\nDiagnostic-Code: smtp; 550 no"),
        (Bounce(None, LETTER, "5.0.0", "failed"),),
    ),
    "two recipients, one relayed": (notice(FIELDS + RELAYED), (HARD,)),
    "only late": (
        notice(FIELDS.replace("failed", "delayed").replace("5.1.1", "4.4.1")),
        (Bounce("sam@example.org", LETTER, "4.4.1", "delayed"),),
    ),
    "a receipt": (notice(FIELDS.replace("failed", "delivered").replace("5.1.1", "2.0.0")), ()),
    "an out-of-office answer": (b"Auto-Submitted: auto-replied\nSubject: Away\n\nI am away.", ()),
    "a person who quotes": (b"Subject: Hi\n\nFinal-Recipient: rfc822; a@b.c\nAction: failed\n", ()),
    "nothing": (b"", ()),
    "garbage": (b"\xff\xfe\x00garbage: \n\n\x00", ()),
    "parts in parts in parts": (NESTED + notice(FIELDS), ()),
    "forwarded": (
        notice(FIELDS.replace("Final", "Original") + "\nFinal-Recipient: rfc822; kim@work.example"),
        (HARD,),
    ),
    "too large to read": (notice(FIELDS) + b"x" * 2_000_001, ()),
}


@pytest.mark.parametrize(("raw", "expected"), NOTICES.values(), ids=NOTICES.keys())
def test_notices_of_every_make_are_read(raw: bytes, expected: tuple[Bounce, ...]):
    assert read_bounces(raw) == expected


@pytest.mark.parametrize(
    ("status", "action", "permanent"),
    [("5.1.1", "failed", True), ("5.2.2", "failed", False), ("4.4.7", "failed", False), ("5.1.1", "delayed", False)],
)
def test_only_a_mailbox_that_is_gone_is_suppressed(status: str, action: str, permanent: bool):
    assert Bounce("sam@example.org", LETTER, status, action).permanent is permanent  # type: ignore[arg-type]


def test_any_bytes_are_read_without_failing():
    whole = notice(FIELDS)
    for cut in range(0, len(whole), 7):
        assert isinstance(read_bounces(whole[:cut] + b"\x80" + whole[cut:]), tuple)
