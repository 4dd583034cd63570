"""E-mail addresses as the post takes them: one mailbox, no header tricks."""

import re

LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1
_LOCAL_PART = re.compile(r"[!#$%&'*+/=?^_`{|}~.0-9A-Za-z-]+")  # RFC 5322 dot-atom
_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


class InvalidAddressError(ValueError):
    """The text is not an e-mail address that a letter can be sent to; the message says what is wrong with it."""


def checked_address(text: str) -> str:
    """Return the address in `text` with its domain in lower case ASCII (IDNA), without surrounding space.

    Only the plain form `local-part@domain` is taken (RFC 5321 Mailbox without quoted strings and address literals):
    what a person types into a form, never a header. Raises InvalidAddressError, which never repeats the address.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain:
        raise InvalidAddressError("the address needs a name, an @ and a domain")
    if len(local) > LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
        raise InvalidAddressError("the part before the @ is too long or has characters that are not allowed")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise InvalidAddressError("the part before the @ has a misplaced dot")
    address = f"{local}@{_ascii_domain(domain)}"
    if len(address) > LONGEST_ADDRESS:
        raise InvalidAddressError("the address is too long")
    return address


def _ascii_domain(domain: str) -> str:
    try:
        ascii_domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        raise InvalidAddressError("the domain cannot be written in ASCII") from None
    if not all(_HOST_LABEL.fullmatch(label) for label in ascii_domain.split(".")):
        raise InvalidAddressError("the domain is not a host name")
    return ascii_domain
