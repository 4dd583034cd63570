"""What we do about a refused claim by ourselves, and what is handed to a person.

A rejection is no denial: what was never adjudicated goes out again as a new claim (frequency 1), what was adjudicated
is replaced (frequency 7) under the payer's claim number.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.claims.codes.classification import Classification
from services.claims.codes.payer_codes import AnswerClass, Code, adjustment_code

AUTOMATIC_TRIES = 2
"""How often the same claim is put right by machine; the same answer a third time is for a person."""


class Action(StrEnum):
    """What follows from an answer."""

    NOTHING = "nothing"
    ASK_COVERAGE = "ask_coverage"
    CHECK_ELIGIBILITY = "check_eligibility"
    REBUILD_AND_RESEND = "rebuild_and_resend"
    RESEND_WHEN_FINAL = "resend_when_final"
    AWAIT_OTHER_REMITTANCE = "await_other_remittance"
    APPEAL_OR_WRITE_OFF = "appeal_or_write_off"
    HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Remedy:
    """What to do and why. `frequency` is CLM05-3 of what is sent again, None where nothing is."""

    action: Action
    why: str
    frequency: str | None = None


def after_rejection(classification: Classification, tries: int, has_prior: bool) -> Remedy:
    """The remedy for a claim that was never adjudicated (277CA); `tries` counts our earlier resends.

    `has_prior`: a payer before has decided, so that there is data to build the claim again with.
    """
    return _remedy(classification, tries, has_prior, frequency="1")


def after_denial(classification: Classification, tries: int, has_prior: bool, payer_claim_id: str) -> Remedy:
    """The remedy for a claim that was adjudicated and refused (835): replaced where the payer's number is known."""
    return _remedy(classification, tries, has_prior, frequency="7" if payer_claim_id else "1")


def after_syntax_rejection(tries: int) -> Remedy:
    """The remedy for a 999 that rejected the set: it is built again once from fresh facts, then it is our bug."""
    if tries == 0:
        return Remedy(Action.REBUILD_AND_RESEND, "the set was rejected as malformed; never received", "1")
    return Remedy(Action.HAND_OVER, "the set was rejected as malformed again")


def after_not_found(tries: int) -> Remedy:
    """The remedy where a payer knows no such claim (A4, D0): it was never received, so it goes out again as new."""
    if tries < AUTOMATIC_TRIES:
        return Remedy(Action.REBUILD_AND_RESEND, "the payer knows no such claim", "1")
    return Remedy(Action.HAND_OVER, "the payer knows no such claim, again")


def _remedy(classification: Classification, tries: int, has_prior: bool, frequency: str) -> Remedy:
    why = classification.why
    match classification.answer:
        case AnswerClass.ORDINARY | AnswerClass.FORWARDED:
            return Remedy(Action.NOTHING, why)
        case AnswerClass.CLIENT_MUST_CALL | AnswerClass.OTHER_PLAN_FIRST:
            return Remedy(Action.ASK_COVERAGE, why)
        case AnswerClass.NOT_COVERED:
            return Remedy(Action.NOTHING if classification.settles else Action.CHECK_ELIGIBILITY, why)
        case AnswerClass.DUPLICATE:
            return Remedy(Action.AWAIT_OTHER_REMITTANCE, why)
        case AnswerClass.TOO_LATE:
            return Remedy(Action.APPEAL_OR_WRITE_OFF, why)
        case AnswerClass.REVIEW:
            return Remedy(Action.HAND_OVER, why)
        case AnswerClass.FIX_AND_RESEND:
            return _fix(classification, tries, has_prior, frequency)


def _fix(classification: Classification, tries: int, has_prior: bool, frequency: str) -> Remedy:
    """All of what is wrong must be in our hands: one code that only a person can mend hands the whole claim over."""
    asked = {code.fix for code in _to_fix(classification)}
    fixes = asked - {"named_elsewhere"}
    why = classification.why
    if tries >= AUTOMATIC_TRIES:
        return Remedy(Action.HAND_OVER, f"tried {tries} times: {why}")
    if not fixes or None in fixes or ("prior_data" in fixes and not has_prior):
        return Remedy(Action.HAND_OVER, why)
    if "later" in fixes:
        return Remedy(Action.RESEND_WHEN_FINAL, why, frequency)
    return Remedy(Action.REBUILD_AND_RESEND, why, "1" if asked & {"new_claim", "named_elsewhere"} else frequency)


def _to_fix(classification: Classification) -> list[Code]:
    """The codes that ask for a fix; a reason that only points to its remark asks for nothing of its own."""
    systems = ("carc", "rarc", "status")
    codes = (adjustment_code(said.system, said.code) for said in classification.codes if said.system in systems)
    return [code for code in codes if code is not None and code.answer is AnswerClass.FIX_AND_RESEND]
