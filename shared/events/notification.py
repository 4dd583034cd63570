"""Owned by notification: what became of each letter. Keyed by client."""

from typing import Literal

from pydantic import Field

from shared.events.types import ClientEvent, Count, Id, Note, Reason, event

LetterName = Literal[
    "coordination-issue",
    "coordination-reminder",
    "coordination-still-open",
    "account-unpaused",
    "plans-reordered",
    "recertification-due",
    "secondary-not-billable",
    "cost-final-refund",
    "cost-final-balance",
    "cost-final-unchanged",
    "cost-overdue",
    "session-charged",
    "session-refused",
    "session-cancelled",
    "coordination-question",
    "plan-unknown",
    "provider-client-paused",
    "new-link",
]


class LetterEvent(ClientEvent):
    """An event about one letter; `letter_id` comes from the business fact.

    Of a letter about a session's cost, `session_id` and `edition` say which cost it tells.
    """

    letter_id: Id = Field(examples=["letter-1"])
    letter: LetterName
    session_id: Id | None = None
    edition: Count | None = None
    template_version: Id = Field(examples=["a1b2c3d4"])


@event("notification", "letter.sent")
class LetterSent(LetterEvent):
    """The mail server accepted it. `perhaps_twice`: it dropped the connection before its answer to a first try."""

    perhaps_twice: bool = False


@event("notification", "letter.failed")
class LetterFailed(LetterEvent):
    """The mail server refused it for good, or a fact was missing."""

    reason: Reason


@event("notification", "letter.bounced")
class LetterBounced(LetterEvent):
    """A delivery report says it did not arrive; the address is suppressed until it changes."""

    reason: Reason


@event("notification", "letter.skipped")
class LetterSkipped(LetterEvent):
    """It was not sent, and why: `no_email`, `letters_off`, `address_suppressed` ..."""

    reason: Reason


@event("notification", "links.ended")
class LinksEnded(ClientEvent):
    """Links in the client's letters of a version below this one do not open any more.

    `reason`: `address_changed`, `letters_off`, or `staff` with an operator's words in the service's own log.
    """

    version: Count
    reason: Reason


@event("notification", "review.requested")
class NotificationReviewRequested(LetterEvent):
    """A letter did not reach a client whose account waits, or its facts never came: a person must see to it."""

    reason: Reason
    evidence: Note
