"""The notice of a mail server that a letter has not arrived."""


def notice(message_id: str, status: str = "5.1.1", action: str = "failed", to: str = "") -> bytes:
    """It names the letter by its Message-ID, and the recipient where `to` says one."""
    recipient = f"Final-Recipient: rfc822; {to}\n" if to else ""
    return f"""From: MAILER-DAEMON@mx.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

{recipient}Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
""".encode()
