"""When a claim may go to its payer: facts in, and out comes send, hold with a reason, or withhold with a reason.

A hold ends by itself when its fact arrives; a withheld claim is not sent unless a fact changes. The primary goes after
the session, each later payer after the decision of the one before on every line, with that decision (005010X222A1,
situational rules of loops 2320 and 2430).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.claims.claim.claim_state import State
from services.claims.codes.crossover import Crossover
from services.claims.codes.payer_codes import AnswerClass
from services.claims.patience import Patience


class Held(StrEnum):
    """Why a claim waits."""

    SESSION_NOT_COMPLETED = "session_not_completed"
    SESSION_NOT_CLEARED = "session_not_cleared"
    ACCOUNT_PAUSED = "account_paused"
    ORDER_UNDETERMINED = "order_undetermined"
    ORDER_IN_QUESTION = "order_in_question"
    MEDICARE_REASON_UNKNOWN = "medicare_reason_unknown"
    PLAN_NOT_ENTERED = "plan_not_entered"
    PRIOR_NOT_ADJUDICATED = "prior_not_adjudicated"
    PRIOR_INCOMPLETE = "prior_incomplete"
    PRIOR_REVERSED = "prior_reversed"
    PRIOR_BEING_FIXED = "prior_being_fixed"
    PRIOR_ELIGIBILITY_IN_QUESTION = "prior_eligibility_in_question"
    PRIOR_WITH_A_PERSON = "prior_with_a_person"
    CROSSOVER_AWAITED = "crossover_awaited"
    CROSSOVER_IN_DISAGREEMENT = "crossover_in_disagreement"


class Withheld(StrEnum):
    """Why a claim is not sent."""

    SESSION_CANCELLED = "session_cancelled"
    SESSION_REFUSED = "session_refused"
    NOT_IN_NETWORK = "not_in_network"
    NOT_CREDENTIALED = "not_credentialed"
    COVERAGE_INACTIVE = "coverage_inactive"
    NOTHING_LEFT = "nothing_left"
    PRIOR_FILED_TOO_LATE = "prior_filed_too_late"
    PRIOR_NOT_SENT = "prior_not_sent"
    FILING_WINDOW_GONE = "filing_window_gone"


@dataclass(frozen=True)
class Send:
    """It may go now. `marked`: in an order that nobody has confirmed."""

    marked: bool = False


@dataclass(frozen=True)
class Hold:
    """It waits; look again on `until` at the latest, where the wait has an end."""

    reason: Held
    until: date | None = None


@dataclass(frozen=True)
class Withhold:
    """It is not sent."""

    reason: Withheld


Decision = Send | Hold | Withhold


@dataclass(frozen=True)
class Prior:
    """The claim to the payer before, as far as it has come.

    `decided_lines`: every line of ours is answered by decisions that stand. `left_to_client_cents` is the patient
    responsibility of those decisions; `denied`: they say that the service is not covered. `answer` is the class of the
    payer's last answer. `outdated`: it decided on figures of a payer before it that no longer stand.
    """

    state: State
    decided_lines: bool = False
    left_to_client_cents: int = 0
    denied: bool = False
    answer: AnswerClass | None = None
    crossover: Crossover = Crossover.NOT_FORWARDED
    decided_on: date | None = None
    outdated: bool = False


@dataclass(frozen=True)
class ClaimFacts:
    """All that decides whether a claim may go today. `level` 1 is the primary; `prior` is None for it alone.

    `completed`: it was said to have taken place, on `service_on`, which may be a day to come.
    `cleared` is coverage's word on the session (None: not yet). `active` is three-valued: unknown is not inactive.
    `undetermined_since`: since when coverage waits for the client's answer about the order. `order_in_question`: a
    payer disputes the order and coverage has not settled it. `last_filing_day`: None where the window is not open yet.
    `forwarded_on`: when the payer before forwarded the claim. `lacks_medicare_reason`: Medicare pays later, and nobody
    has said why yet.
    """

    level: int
    completed: bool = True
    service_on: date | None = None
    cancelled: bool = False
    cleared: bool | None = True
    paused: bool = False
    undetermined_since: date | None = None
    order_in_question: bool = False
    plan_entered: bool = True
    in_network: bool = True
    credentialed: bool = True
    active: bool | None = True
    last_filing_day: date | None = None
    forwarded_on: date | None = None
    lacks_medicare_reason: bool = False
    prior: Prior | None = None


def decide(facts: ClaimFacts, today: date, patience: Patience | None = None) -> Decision:
    """Whether the claim of `facts` goes today.

    What can never go is named first, then what waits, so that a claim is not held for an answer that cannot help it.
    """
    patience = patience or Patience()
    for check in _CHECKS:
        decision = check(facts, today, patience)
        if decision is not None:
            return decision
    return Send(marked=facts.undetermined_since is not None)


Check = Callable[[ClaimFacts, date, Patience], Decision | None]


def _session(facts: ClaimFacts, _today: date, _patience: Patience) -> Decision | None:
    if facts.cancelled:
        return Withhold(Withheld.SESSION_CANCELLED)
    if facts.cleared is False:
        return Withhold(Withheld.SESSION_REFUSED)
    return None


def _plan(facts: ClaimFacts, today: date, _patience: Patience) -> Decision | None:
    if not facts.in_network:
        return Withhold(Withheld.NOT_IN_NETWORK)
    if not facts.credentialed:
        return Withhold(Withheld.NOT_CREDENTIALED)
    if facts.active is False:
        return Withhold(Withheld.COVERAGE_INACTIVE)
    if facts.last_filing_day is not None and today > facts.last_filing_day:
        return Withhold(Withheld.FILING_WINDOW_GONE)
    return None


def _readiness(facts: ClaimFacts, today: date, _patience: Patience) -> Decision | None:
    if not facts.completed:
        return Hold(Held.SESSION_NOT_COMPLETED)
    if facts.service_on is not None and today < facts.service_on:
        return Hold(Held.SESSION_NOT_COMPLETED, facts.service_on)
    if facts.cleared is None:
        return Hold(Held.SESSION_NOT_CLEARED)
    if not facts.plan_entered:
        return Hold(Held.PLAN_NOT_ENTERED)
    return None


def _order(facts: ClaimFacts, today: date, patience: Patience) -> Decision | None:
    if facts.paused:
        return Hold(Held.ACCOUNT_PAUSED)
    if facts.order_in_question:
        return Hold(Held.ORDER_IN_QUESTION)
    until = order_awaited_until(facts.undetermined_since, today, patience)
    return None if until is None else Hold(Held.ORDER_UNDETERMINED, until)


def order_awaited_until(undetermined_since: date | None, today: date, patience: Patience) -> date | None:
    """The day until which claims wait for the client's answer about the order; None where they do not wait."""
    if undetermined_since is None:
        return None
    until = undetermined_since + timedelta(days=patience.undetermined_days)
    return until if today < until else None


def _forwarded(facts: ClaimFacts, today: date, patience: Patience) -> Decision | None:
    """A forwarded claim is the next payer's; when its answer stays out too long it is billed after all."""
    if facts.prior is None:
        return None
    if facts.prior.crossover is Crossover.DISAGREEMENT:
        return Hold(Held.CROSSOVER_IN_DISAGREEMENT)
    since = facts.forwarded_on or facts.prior.decided_on
    if facts.prior.crossover is Crossover.NOT_FORWARDED or since is None:
        return None
    until = since + timedelta(days=patience.crossover_days)
    return Hold(Held.CROSSOVER_AWAITED, until) if today < until else None


def _prior(facts: ClaimFacts, _today: date, _patience: Patience) -> Decision | None:
    prior = facts.prior
    if prior is None:
        return None
    match prior.state:
        case State.ADJUDICATED | State.CORRECTED:
            return _after_decision(prior)
        case State.DENIED:
            return _after_refusal(prior.answer)
        case State.FORWARDED:
            # CLP02 23: the payer before decided nothing, and the payer it named has kept silent too long.
            return Hold(Held.PRIOR_WITH_A_PERSON)
        case State.REVERSED:
            return Hold(Held.PRIOR_REVERSED)
        case State.WITHHELD | State.WRITTEN_OFF | State.VOIDED:
            return Withhold(Withheld.PRIOR_NOT_SENT)
        case State.READY | State.HELD | State.SUBMITTED | State.ACKNOWLEDGED | State.PENDING | State.REJECTED:
            return Hold(Held.PRIOR_NOT_ADJUDICATED)


def _after_decision(prior: Prior) -> Decision | None:
    if prior.answer in (AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST):
        return Hold(Held.ORDER_IN_QUESTION)
    if prior.answer is AnswerClass.REVIEW:
        return Hold(Held.PRIOR_WITH_A_PERSON)
    if not prior.decided_lines:
        return Hold(Held.PRIOR_INCOMPLETE)
    if prior.outdated:
        return Hold(Held.PRIOR_NOT_ADJUDICATED)
    if prior.left_to_client_cents <= 0 and not prior.denied:
        return Withhold(Withheld.NOTHING_LEFT)
    return None


def _after_refusal(answer: AnswerClass | None) -> Decision:
    """A refusal that says nothing about benefits is not for the next payer to see first."""
    match answer:
        case AnswerClass.CLIENT_MUST_CALL | AnswerClass.OTHER_PLAN_FIRST:
            return Hold(Held.ORDER_IN_QUESTION)
        case AnswerClass.FIX_AND_RESEND | AnswerClass.DUPLICATE:
            return Hold(Held.PRIOR_BEING_FIXED)
        case AnswerClass.NOT_COVERED:
            return Hold(Held.PRIOR_ELIGIBILITY_IN_QUESTION)
        case AnswerClass.TOO_LATE:
            return Withhold(Withheld.PRIOR_FILED_TOO_LATE)
        case AnswerClass.REVIEW | AnswerClass.ORDINARY | AnswerClass.FORWARDED | None:
            return Hold(Held.PRIOR_WITH_A_PERSON)


def _medicare(facts: ClaimFacts, _today: date, _patience: Patience) -> Decision | None:
    """Medicare takes no later place without the reason (SBR05); the client is asked, and coverage decides anew."""
    return Hold(Held.MEDICARE_REASON_UNKNOWN) if facts.lacks_medicare_reason else None


_CHECKS: tuple[Check, ...] = (_session, _plan, _readiness, _order, _forwarded, _prior, _medicare)
