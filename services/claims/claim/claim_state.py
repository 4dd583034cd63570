"""The life of a claim to one payer: its states, what moves it, and the diagram of both.

One claim is one session at one payer level (primary, secondary, tertiary). Payers' messages come late, twice and out
of order, so every one of them has a defined outcome in every state; what we do ourselves must fit the state or raises.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a claim stands."""

    READY = "ready"
    HELD = "held"
    WITHHELD = "withheld"
    FORWARDED = "forwarded"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    PENDING = "pending"
    ADJUDICATED = "adjudicated"
    DENIED = "denied"
    REVERSED = "reversed"
    CORRECTED = "corrected"
    VOIDED = "voided"
    WRITTEN_OFF = "written_off"


MEANING = MappingProxyType(
    {
        State.READY: "may be sent",
        State.HELD: "waits for something that can still come: the primary's answer, a pause, the order of plans",
        State.WITHHELD: "is not to be sent, with the reason; a changed fact can release it",
        State.FORWARDED: "another payer passed it on: the next payer's 835 is awaited",
        State.SUBMITTED: "sent, nothing heard yet",
        State.ACKNOWLEDGED: "received by the payer (277CA)",
        State.REJECTED: "never adjudicated (999, 277CA): fixed and sent again, or for a person",
        State.PENDING: "in the payer's process or waiting for information (277)",
        State.ADJUDICATED: "decided on benefits (835)",
        State.DENIED: "refused for a reason that says nothing about benefits (835)",
        State.REVERSED: "its payment was taken back; the correction is awaited",
        State.CORRECTED: "decided anew after a reversal",
        State.VOIDED: "we took it back (frequency 8)",
        State.WRITTEN_OFF: "given up at the operator's cost, never the client's",
    }
)


class Cause(StrEnum):
    """What moves a claim: the first group is ours, the second comes from payers and may come in any order.

    `outdated` is an answer to a submission that was replaced since: it is posted, and the replacement's is awaited.
    """

    HOLD = "hold"
    RELEASE = "release"
    WITHHOLD = "withhold"
    SUBMIT = "submit"
    RESEND = "resend"
    REPLACE = "replace"
    VOID = "void"
    CANCEL = "cancel"
    WRITE_OFF = "write_off"
    AWAIT_FORWARDED = "await_forwarded"

    SYNTAX_ACCEPTED = "syntax_accepted"
    SYNTAX_REJECTED = "syntax_rejected"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PENDED = "pended"
    DECIDED = "decided"
    PASSED_ON = "passed_on"
    REFUSED_PAYMENT = "refused_payment"
    TAKEN_BACK = "taken_back"
    DECIDED_ANEW = "decided_anew"
    OUTDATED = "outdated"


PAYERS_CAUSES = frozenset(list(Cause)[list(Cause).index(Cause.SYNTAX_ACCEPTED) :])
"""The causes that payers bring; each is defined in every state."""

INITIAL = (State.READY, State.HELD, State.WITHHELD, State.FORWARDED)
"""The states in which a claim can begin."""

UNSENT = frozenset({State.READY, State.HELD, State.WITHHELD, State.FORWARDED})
"""States in which the payer has nothing from us."""


class Arrival(StrEnum):
    """How a cause met the claim."""

    MOVED = "moved"
    UNASKED = "unasked"
    REPEATED = "repeated"
    LATE = "late"


@dataclass(frozen=True)
class Transition:
    """A claim after a cause. `arrival`: it moved; moved though nothing was sent; said what was known; came too late."""

    before: State
    cause: Cause
    after: State
    arrival: Arrival


class ImpossibleTransitionError(Exception):
    """The claim cannot do this in the state it is in; nothing was changed."""


_SENT = {
    Cause.SYNTAX_ACCEPTED: State.SUBMITTED,
    Cause.SYNTAX_REJECTED: State.REJECTED,
    Cause.ACCEPTED: State.ACKNOWLEDGED,
    Cause.REFUSED: State.REJECTED,
    Cause.PENDED: State.PENDING,
    Cause.DECIDED: State.ADJUDICATED,
    Cause.PASSED_ON: State.FORWARDED,
    Cause.REFUSED_PAYMENT: State.DENIED,
    Cause.TAKEN_BACK: State.REVERSED,
    Cause.DECIDED_ANEW: State.CORRECTED,
    Cause.RESEND: State.SUBMITTED,
    Cause.VOID: State.VOIDED,
    Cause.WRITE_OFF: State.WRITTEN_OFF,
}
"""What a claim does that was sent and is not decided yet."""


def _stays(state: State, *causes: Cause) -> dict[Cause, State]:
    return dict.fromkeys(causes, state)


_ACKNOWLEDGMENTS = (Cause.SYNTAX_ACCEPTED, Cause.SYNTAX_REJECTED, Cause.ACCEPTED, Cause.REFUSED, Cause.PENDED)


def _unsent(state: State) -> dict[Cause, State]:
    """A payer's decision counts even unasked (a crossover nobody announced); its lesser words don't."""
    return {
        **_stays(state, *_ACKNOWLEDGMENTS, Cause.TAKEN_BACK, Cause.REFUSED_PAYMENT),
        Cause.PASSED_ON: State.FORWARDED,
        Cause.DECIDED: State.ADJUDICATED,
        Cause.DECIDED_ANEW: State.CORRECTED,
        Cause.HOLD: State.HELD,
        Cause.RELEASE: State.READY,
        Cause.WITHHOLD: State.WITHHELD,
        Cause.CANCEL: State.WITHHELD,
        Cause.WRITE_OFF: State.WRITTEN_OFF,
        Cause.AWAIT_FORWARDED: State.FORWARDED,
    }


def _decided(state: State) -> dict[Cause, State]:
    """A decision stands until it is taken back: acknowledgments are late by then, a second denial is a duplicate's."""
    return {
        **_stays(state, *_ACKNOWLEDGMENTS, Cause.DECIDED, Cause.REFUSED_PAYMENT, Cause.PASSED_ON),
        Cause.TAKEN_BACK: State.REVERSED,
        Cause.DECIDED_ANEW: State.CORRECTED,
        Cause.REPLACE: State.SUBMITTED,
        Cause.VOID: State.VOIDED,
    }


_TABLE: dict[State, dict[Cause, State]] = {
    State.READY: {**_unsent(State.READY), Cause.SUBMIT: State.SUBMITTED},
    State.HELD: _unsent(State.HELD),
    State.WITHHELD: _unsent(State.WITHHELD),
    # A forwarded claim can be denied by the payer it was forwarded to, without our having sent it.
    State.FORWARDED: {**_unsent(State.FORWARDED), Cause.REFUSED_PAYMENT: State.DENIED},
    State.SUBMITTED: _SENT,
    State.ACKNOWLEDGED: {**_SENT, **_stays(State.ACKNOWLEDGED, Cause.SYNTAX_ACCEPTED, Cause.SYNTAX_REJECTED)},
    State.PENDING: {
        **_SENT,
        **_stays(State.PENDING, Cause.SYNTAX_ACCEPTED, Cause.SYNTAX_REJECTED, Cause.ACCEPTED, Cause.REFUSED),
    },
    # What was refused stays refused until it is sent again: an acceptance that comes after is the clearinghouse's.
    State.REJECTED: {
        **_SENT,
        **_stays(State.REJECTED, Cause.SYNTAX_ACCEPTED, Cause.ACCEPTED, Cause.PENDED),
        Cause.HOLD: State.HELD,
        Cause.WITHHOLD: State.WITHHELD,
        Cause.CANCEL: State.WITHHELD,
    },
    State.ADJUDICATED: _decided(State.ADJUDICATED),
    State.CORRECTED: _decided(State.CORRECTED),
    State.DENIED: {
        **_decided(State.DENIED),
        Cause.DECIDED: State.ADJUDICATED,
        Cause.PASSED_ON: State.FORWARDED,
        Cause.RESEND: State.SUBMITTED,
        Cause.HOLD: State.HELD,
        Cause.WITHHOLD: State.WITHHELD,
        Cause.WRITE_OFF: State.WRITTEN_OFF,
    },
    State.REVERSED: {
        **_decided(State.REVERSED),
        Cause.DECIDED: State.CORRECTED,
        Cause.REFUSED_PAYMENT: State.DENIED,
        Cause.PASSED_ON: State.FORWARDED,
        Cause.RESEND: State.SUBMITTED,
        Cause.WRITE_OFF: State.WRITTEN_OFF,
    },
    # A void waits for the take-back of what was paid; whatever comes is posted and changes the state no more.
    State.VOIDED: _stays(State.VOIDED, *PAYERS_CAUSES, Cause.VOID, Cause.CANCEL),
    # Money that comes after all is taken; a claim once given up is not chased again.
    State.WRITTEN_OFF: {
        **_stays(State.WRITTEN_OFF, *_ACKNOWLEDGMENTS, Cause.TAKEN_BACK, Cause.REFUSED_PAYMENT, Cause.PASSED_ON),
        Cause.DECIDED: State.ADJUDICATED,
        Cause.DECIDED_ANEW: State.CORRECTED,
        Cause.RELEASE: State.READY,
        Cause.VOID: State.VOIDED,
    },
}

TRANSITIONS = MappingProxyType(
    {(state, cause): to for state, row in _TABLE.items() for cause, to in row.items()}
    | {(state, Cause.OUTDATED): state for state in State}
)
"""(state, cause) -> state; what is not here cannot happen."""


def transition(state: State, cause: Cause) -> Transition:
    """The claim in `state` after `cause`.

    Raises ImpossibleTransitionError: something we wanted to do ourselves and this state does not allow. What payers
    send never raises.
    """
    after = TRANSITIONS.get((state, cause))
    if after is None:
        raise ImpossibleTransitionError(f"a claim that is {state} cannot {cause}")
    return Transition(state, cause, after, _arrival(state, cause, after))


def _arrival(state: State, cause: Cause, after: State) -> Arrival:
    if after is not state:
        return Arrival.UNASKED if state in UNSENT - {State.FORWARDED} and cause in PAYERS_CAUSES else Arrival.MOVED
    repeats = any(to is state and origin is not state for (origin, mover), to in TRANSITIONS.items() if mover is cause)
    return Arrival.REPEATED if repeats else Arrival.LATE


def diagram() -> str:
    """The state machine in Mermaid, without the causes that leave a claim where it is."""
    arrows: dict[tuple[State, State], list[Cause]] = {}
    for (state, cause), after in TRANSITIONS.items():
        if after is not state:
            arrows.setdefault((state, after), []).append(cause)
    lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in INITIAL)]
    lines += [f"    {before} --> {after}: {', '.join(causes)}" for (before, after), causes in arrows.items()]
    return "\n".join(lines)
