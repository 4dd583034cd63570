"""Makes the plan of a world from its seed: the ordinary facts, and a few things that go otherwise.

Each behaviour is a function of its own under a name, so that one can be left out while its fault is being corrected.
"""

import random
from collections.abc import Iterable, Sequence

from tests.simulation.broker import LAG_HOURS
from tests.simulation.complications import COMPLICATIONS
from tests.simulation.drafting import EXTRA, MAIN, SHORT, Behaviour, Draft, listed, visit
from tests.simulation.moves import Move, Plan

LAST_SESSION_DAY = 60

_OF_OTHERS = ("card", "dispute", "refund", "payment", "mail", "crash", "repeat", "published", "jitter", "closes")
"""Words in the names of behaviours that are not of payers and facts: a dense world leaves them out."""


def ordinary(seed: int) -> Plan:
    """Two plans, one session, and everything in the best order."""
    return Plan(seed, (*_directory("AB"), *_client("AB"), *visit(0, (MAIN,), 0.0)))


def written_by(seed: int, hand: str | None) -> Plan:
    """Three plans, a visit with two procedures, a correction; `hand` is how all payers write their 835s."""
    told = {"payer": "A", "session": 3, "nth": 0, "how": "correct", "after": 40.0, "to": "less"}
    written = [Move("hand", told={"payer": payer, "writes": [hand]}) for payer in "ABC"] if hand else []
    moves = (*_directory("ABC"), *_client("ABC"), *visit(3, (MAIN, EXTRA), 0.0), Move("follow", told=told))
    return Plan(seed, (*moves, *written))


def world(seed: int, without: frozenset[str] = frozenset(), also: Sequence[str] = ()) -> Plan:
    """The plan of the world of this seed; `without` leaves behaviours out, `also` adds some to those it draws."""
    dice = random.Random(seed)
    plans = dice.choices(("AB", "ABC", "AM", "A"), (66, 16, 10, 8))[0]
    if plans == "AM" and "medicare second" in without:
        plans = "AB"
    draft = _visits(dice, plans, dice.choice((1, 1, 2, 3, 4)))
    names = dice.choices(list(BEHAVIOURS), k=dice.choice((0, 1, 1, 2, 2, 3, 4, 5)))
    return _otherwise(seed, draft, (*also, *names), without)


def dense(seed: int, without: frozenset[str] = frozenset(), also: Sequence[str] = ()) -> Plan:
    """Mostly three plans, one or two sessions, and two to six behaviours of payers and facts: more of them meet."""
    dice = random.Random(f"dense {seed}")
    plans = dice.choices(("AB", "ABC", "AM"), (25, 60, 15))[0]
    draft = _visits(dice, plans, dice.choice((1, 1, 2)))
    names = [name for name in BEHAVIOURS if not any(word in name for word in _OF_OTHERS)]
    return _otherwise(seed, draft, (*also, *dice.choices(names, k=dice.choice((2, 3, 4, 5, 6)))), without)


def _visits(dice: random.Random, plans: str, count: int) -> Draft:
    """The ordinary facts of a client with these plans and so many sessions."""
    sessions = tuple(sorted(dice.sample(range(LAST_SESSION_DAY), count)))
    draft = Draft(dice, plans, sessions, [])
    draft.moves.extend([*_directory(plans), *_client(plans)])
    for session in sessions:
        procedures = dice.choice(((MAIN,), (MAIN,), (MAIN, EXTRA), (SHORT,)))
        draft.moves.extend(visit(session, procedures, dice.choice((0.0, 0.0, 1.0))))
    return draft


def _otherwise(seed: int, draft: Draft, names: Iterable[str], without: frozenset[str]) -> Plan:
    for name in names:
        before = list(draft.moves)
        draft.moves.extend(BEHAVIOURS[name](draft))
        if name in without:
            draft.moves[:] = before
    return Plan(seed, tuple(draft.moves))


def _directory(plans: str) -> list[Move]:
    return [Move("provider"), *(move for payer in plans for move in listed(payer))]


def _client(plans: str) -> list[Move]:
    moves = [Move("register"), Move("plans", told={"plans": list(plans)})]
    if "M" in plans:
        large = {"employment": "active", "employer_size": 250}
        aged = {"medicare_entitlement": {"reason": "age"}}
        moves.append(Move("state", told={"plans": {"A": large, "M": aged}}))
    return moves


def _answers(how: str, *, after: tuple[int, int] = (3, 20)) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        told = {"payer": draft.payer(), "session": draft.session(), "nth": draft.dice.choice((0, 0, 0, 1))}
        yield Move("answer", told={**told, "how": how, "after": draft.days(*after)})

    return moves


def _follows(how: str, *, corrects: bool = False) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        told = {"payer": draft.payer(), "session": draft.session(), "nth": 0, "how": how, "after": draft.days(1, 110)}
        if corrects:
            told["to"] = draft.dice.choice(("pay", "full", "less", "deductible", "nothing", "not_covered"))
            told["apart"] = draft.days(1, 15)
        yield Move("follow", told=told)

    return moves


def _pays(kind: str, how: str) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        told = {"session": draft.session(), "nth": draft.dice.choice((0, 0, 1)), "how": how}
        yield Move(kind, told={**told, "after": draft.days(0, 3), "apart": draft.days(1, 60)})

    return moves


def _calls(how: str) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        payer = draft.payer()
        told = {"payer": payer, "session": draft.session(), "nth": 0, "how": "must_call", "after": draft.days(3, 15)}
        yield Move("answer", told=told)
        yield Move("call", told={"payer": payer, "how": how, "after": draft.days(1, 40)})

    return moves


def _says_of_benefits(how: str) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        yield Move("benefits", told={"payer": draft.payer(), "nth": 0, "how": how, "after": draft.days(0, 1)})

    return moves


def _late_fact(kind: str) -> Behaviour:
    """A fact that is there in the ordinary world comes late: by half an hour, or by days."""

    def moves(draft: Draft) -> Iterable[Move]:
        places = [at for at, move in enumerate(draft.moves) if move.kind == kind]
        at = draft.dice.choice(places)
        late = draft.dice.choice((0.02, 0.3, 2.0, 12.0))
        before = draft.moves[at]
        draft.moves[at] = Move(before.kind, before.day + late, before.told)
        return ()

    return moves


def _cancels(draft: Draft) -> Iterable[Move]:
    session = draft.session()
    yield Move("cancel", session + draft.dice.choice((0.0, 0.5, 5.0, 15.0, 30.0, 100.0)), {"session": session})


def _corrects_details(draft: Draft) -> Iterable[Move]:
    session = draft.session()
    procedures = draft.dice.choice(((SHORT,), (MAIN,), (MAIN, EXTRA)))
    yield Move("confirm", session + draft.days(0, 30), {"session": session, "procedures": list(procedures)})


def _completes_late(draft: Draft) -> Iterable[Move]:
    session = draft.session()
    for at, move in enumerate(draft.moves):
        if move.kind == "complete" and move["session"] == session:
            draft.moves[at] = Move("complete", session + draft.days(1, 30), move.told)
    return ()


def _wrong_order(draft: Draft) -> Iterable[Move]:
    for at, move in enumerate(draft.moves):
        if move.kind == "plans":
            draft.moves[at] = Move("plans", move.day, {"plans": draft.plans[::-1]})
    return ()


def _plan_added(draft: Draft) -> Iterable[Move]:
    """The second plan is entered only later."""
    for at, move in enumerate(draft.moves):
        if move.kind == "plans":
            draft.moves[at] = Move("plans", move.day, {"plans": draft.plans[:1]})
    yield Move("plans", draft.sessions[0] + draft.days(0, 25), {"plans": list(draft.plans)})


def _out_of_network(draft: Draft) -> Iterable[Move]:
    payer = draft.plans[-1]
    for at, move in enumerate(draft.moves):
        if move.kind == "payer" and move["payer"] == payer:
            draft.moves[at] = Move("payer", move.day, {"payer": payer, "in_network": False})
    return ()


def _rate_republished(draft: Draft) -> Iterable[Move]:
    cents = draft.dice.choice((12_000, 16_000))
    told = {"payer": draft.plans[0], "procedure": MAIN, "cents": cents}
    yield Move("rate", draft.sessions[0] + draft.days(1, 40), told)


def _completed_on(days: int) -> Behaviour:
    """Told to be completed on another day than was confirmed, and before that day."""

    def moves(draft: Draft) -> Iterable[Move]:
        session = draft.session()
        yield Move("complete", float(max(0, session - 1)), {"session": session, "on": session + days})

    return moves


def _plan_ended(draft: Draft) -> Iterable[Move]:
    """The client says only now that the first plan had ended before the visits."""
    ended = {"covered_to": "2026-02-28"}
    yield Move("state", draft.sessions[0] + draft.days(0, 40), {"plans": {draft.plans[0]: ended}})


def _jitter(draft: Draft) -> Iterable[Move]:
    yield Move("jitter", told={"seed": draft.dice.randrange(1_000_000)})


def _lags(draft: Draft) -> Iterable[Move]:
    topics = ("sessions", "clients", "directory", "payments", "coverage", "claims", "settlement", "payers.inbound")
    for _ in range(draft.dice.randint(1, 4)):
        service = draft.dice.choice(("coverage", "claims", "settlement", "notification"))
        told = {"service": service, "topic": draft.dice.choice(topics), "nth": draft.dice.randrange(12)}
        yield Move("lag", told={**told, "hours": draft.dice.choice(LAG_HOURS)})


def shuffled(dice: random.Random) -> list[Move]:
    """What a rough broker does, drawn by chance."""
    draft = Draft(dice, "", (), [])
    return [move for act in (_jitter, _lags, _again("repeat"), _again("crash")) for move in act(draft)]


def _again(kind: str) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        for _ in range(draft.dice.randint(1, 5)):
            service = draft.dice.choice(("coverage", "claims", "settlement", "notification"))
            yield Move(kind, told={"service": service, "nth": draft.dice.randrange(25)})

    return moves


BEHAVIOURS: dict[str, Behaviour] = {
    "answers deductible": _answers("deductible"),
    "answers full": _answers("full"),
    "answers nothing": _answers("nothing"),
    "answers less": _answers("less"),
    "answers not covered": _answers("not_covered"),
    "answers not covered by contract": _answers("not_covered_contract"),
    "answers other first": _answers("other_first"),
    "answers prior missing": _answers("prior_missing"),
    "answers duplicate": _answers("duplicate"),
    "answers too late": _answers("too_late"),
    "answers in the wrong role": _answers("wrong_role"),
    "answers in pieces": _answers("pieces"),
    "forwards": _answers("forward"),
    "silent": _answers("silent"),
    "late": _answers("pay", after=(60, 130)),
    "at once": _answers("pay", after=(0, 1)),
    "corrects": _follows("correct", corrects=True),
    "corrects in two files": _follows("correct_apart", corrects=True),
    "corrects before taking back": _follows("correct_first", corrects=True),
    "takes back": _follows("take_back"),
    "takes back without a number": _follows("take_back_unnamed"),
    "withholds": _follows("withhold"),
    "answers again": _follows("again"),
    "refuses": lambda draft: [Move("refuse", told={"payer": draft.payer(), "session": draft.session(), "nth": 0})],
    "must be called": _calls("calls"),
    "is never called": _calls("never"),
    "is called without a reference": _calls("no_reference"),
    "says inactive": _says_of_benefits("inactive"),
    "is unable": _says_of_benefits("unable"),
    "is silent on benefits": _says_of_benefits("silent"),
    "names another first": _says_of_benefits("other_first"),
    "names another second": _says_of_benefits("other_second"),
    "names another": _says_of_benefits("other"),
    "card declined": _pays("charge", "declines"),
    "card declined at first": _pays("charge", "declines_then_pays"),
    "card declined in the end": _pays("charge", "pays_then_declines"),
    "charge disputed": _pays("charge", "disputes"),
    "dispute won back": _pays("charge", "disputes_and_wins_back"),
    "refund fails": _pays("refund", "fails"),
    "refund fails at first": _pays("refund", "fails_then_pays"),
    "refund fails in the end": _pays("refund", "pays_then_fails"),
    "payment system slow": _pays("charge", "pays"),
    "credential late": _late_fact("credential"),
    "rate late": _late_fact("rate"),
    "payer late": _late_fact("payer"),
    "provider late": _late_fact("provider"),
    "client late": _late_fact("register"),
    "plans late": _late_fact("plans"),
    "cancels": _cancels,
    "details corrected": _corrects_details,
    "completed late": _completes_late,
    "wrong order entered": _wrong_order,
    "plan added": _plan_added,
    "out of network": _out_of_network,
    "rate republished": _rate_republished,
    "completed ahead": _completed_on(0),
    "completed on another day": _completed_on(3),
    "plan ended": _plan_ended,
    "answers bundled": _answers("bundled"),
    "jitter": _jitter,
    "lags": _lags,
    "repeats": _again("repeat"),
    "crashes": _again("crash"),
    **COMPLICATIONS,
}
