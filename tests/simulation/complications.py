"""Behaviours of the operator and the mail, of a directory that changes, and of clients who change plans.

Those of payers, the payment system and the broker are in `generating.py`; both add moves to the draft of a world.
"""

from collections.abc import Iterable
from datetime import timedelta

from tests.simulation.drafting import EXTRA, MAIN, PROCEDURES, SHORT, Behaviour, Draft, listed, visit
from tests.simulation.facts import FIRST_DAY, RATES, SECOND_OF_A_DAY
from tests.simulation.moves import Move
from tests.simulation.payers.handwriting import HANDS, OF_THE_PAYER

LEVELS = ("primary", "secondary", "tertiary")


def _resolves(draft: Draft) -> Iterable[Move]:
    """A person takes items off the claims queue, with what the payer said on the phone where the item asks for it."""
    for nth in range(draft.dice.choice((1, 1, 3))):
        told = {
            "nth": nth,
            "answer": draft.dice.choice(("ordinary", "not_covered")),
            "crossover": draft.dice.choice(("forwarded", "not-forwarded")),
        }
        yield Move("resolve", told={**told, "after": draft.days(0, 15)})


def _closes(draft: Draft) -> Iterable[Move]:
    """A person closes what settlement asks, and decides where there is something to decide."""
    for nth in range(draft.dice.choice((1, 1, 3))):
        told = {"nth": nth, "rate": draft.dice.choice(("directory", "booked"))}
        yield Move("close", told={**told, "after": draft.days(0, 15)})


def _resends(draft: Draft) -> Iterable[Move]:
    session = draft.session()
    told = {"session": session, "level": draft.dice.choice(LEVELS), "regardless": draft.dice.random() < 0.2}
    yield Move("resend", session + draft.days(1, 60), told)


def _writes_off(draft: Draft) -> Iterable[Move]:
    session = draft.session()
    yield Move("write_off", session + draft.days(1, 100), {"session": session, "level": draft.dice.choice(LEVELS)})


def _second_visit(draft: Draft) -> Iterable[Move]:
    """Two visits of one day; the first payer may take the second for the first, sent twice."""
    day = draft.session()
    session = day + SECOND_OF_A_DAY
    yield from visit(session, draft.dice.choice(((MAIN,), (MAIN,), ("90834",))), 0.0)
    if draft.dice.random() < 0.5:
        told = {"payer": draft.plans[0], "session": session, "nth": 0, "how": "duplicate"}
        yield Move("answer", told={**told, "after": draft.days(3, 15)})


def _forwards(place: str | None) -> Behaviour:
    """A payer passes the claim on; late, so that our own claim to the next payer has gone, or in an odd place."""

    def moves(draft: Draft) -> Iterable[Move]:
        if len(draft.plans) < 2:
            return
        payer, session = draft.dice.choice(draft.plans[:-1]), draft.session()
        told = {"payer": payer, "session": session, "nth": 0, "how": "forward", "after": draft.days(3, 15)}
        late = {} if place else {"passed_on_after": draft.days(15, 40)}
        yield Move("answer", told={**told, **({"place": place} if place else {}), **late})
        if not place and draft.dice.random() < 0.6:
            after = draft.plans[draft.plans.index(payer) + 1]
            told = {"payer": after, "session": session, "nth": draft.dice.choice((0, "X"))}
            yield Move("follow", told={**told, "how": "take_back", "after": draft.days(1, 40)})

    return moves


def _pays_twice(draft: Draft) -> Iterable[Move]:
    """A second payment under a number of its own; later the payer may take one of the two back by its number."""
    told = {"payer": draft.payer(), "session": draft.session(), "nth": 0}
    yield Move("follow", told={**told, "how": "pay_again", "after": draft.days(1, 30)})
    if draft.dice.random() < 0.7:
        how = draft.dice.choice(("take_back", "take_back_last"))
        yield Move("follow", told={**told, "how": how, "after": draft.days(31, 90)})


def _corrects_twice(draft: Draft) -> Iterable[Move]:
    told = {"payer": draft.payer(), "session": draft.session(), "nth": 0, "apart": draft.days(1, 10)}
    hows = ("correct", "correct_apart", "correct_first")
    for least, most in ((1, 40), (41, 110)):
        to = draft.dice.choice(("pay", "full", "less", "deductible", "nothing"))
        said = {"how": draft.dice.choice(hows), "to": to, "after": draft.days(least, most), "of_last": True}
        yield Move("follow", told={**told, **said})


def _overtakes(draft: Draft) -> Iterable[Move]:
    """A payer takes its payment back at once, and that 835 arrives before the payment's."""
    told = {"payer": draft.payer(), "session": draft.session(), "nth": 0}
    yield Move("answer", told={**told, "how": "pay", "after": draft.days(3, 20), "arrives_after": 0.5})
    yield Move("follow", told={**told, "how": "take_back", "after": 0.1})


def _mail(fate: str) -> Behaviour:
    def moves(draft: Draft) -> Iterable[Move]:
        for nth in sorted(draft.dice.sample(range(8), 2)):
            yield Move("mail", told={"nth": nth, "fate": fate})

    return moves


def _publishes_again(draft: Draft) -> Iterable[Move]:
    """A relay dies between the broker's word and its delete: the same messages come twice."""
    for _ in range(draft.dice.randint(1, 5)):
        service = draft.dice.choice(("coverage", "claims", "settlement", "notification"))
        yield Move("republish", told={"service": service, "nth": draft.dice.randrange(25)})


def _changes_plans(draft: Draft) -> Iterable[Move]:
    """A new employer: plan A ends, D begins on the next day; said at once, ahead, or weeks later."""
    if "A" not in draft.plans:
        return
    ended = draft.dice.randint(0, 50)
    said = max(0.0, ended + draft.dice.choice((-5.0, 0.0, 3.0, 20.0)))
    yield from listed("D")
    yield Move("plans", said, {"plans": ["D", *draft.plans[1:], "A"]})
    ends = {"A": {"covered_to": _day(ended)}, "D": {"covered_from": _day(ended + 1)}}
    yield Move("state", said + draft.dice.choice((0.0, 0.0, 0.1, 5.0)), {"plans": ends})


def _retires(draft: Draft) -> Iterable[Move]:
    """The client retires, so that Medicare, or the spouse's plan, pays first from then on."""
    told = {"plans": {"A": {"employment": "retired"}}}
    day = draft.dice.randint(0, 50)
    since = draft.dice.choice(({}, {"since": _day(day)}))
    yield Move("state", day + draft.days(0, 20), {**told, **since})


def _ended_by_mistake(draft: Draft) -> Iterable[Move]:
    """A plan is said to have ended, and that is taken back."""
    day, plan = draft.sessions[0] + draft.days(0, 20), draft.payer()
    yield Move("state", day, {"plans": {plan: {"covered_to": "2026-02-28"}}})
    yield Move("state", day + draft.days(1, 20), {"plans": {plan: {"covered_to": None}}})


def _credential_ends(draft: Draft) -> Iterable[Move]:
    """A credential ends, before or after a session; said ahead or late."""
    session = draft.session()
    until = session + draft.dice.choice((-3, -1, 0, 2))
    day = max(0.0, session + draft.dice.choice((-2.0, 0.5, 5.0, 25.0)))
    yield Move("credential", day, {"payer": draft.payer(), "until": until})


def _withdrawn(draft: Draft) -> Iterable[Move]:
    """A credential, or a rate, is said never to have held; often it is stated again."""
    payer, day = draft.payer(), draft.session() + draft.dice.choice((0.5, 5.0, 12.0, 30.0))
    kind = draft.dice.choice(("credential", "rate"))
    told = {"payer": payer, **({"procedure": MAIN} if kind == "rate" else {})}
    yield Move("withdraw", day, told)
    if draft.dice.random() < 0.7:
        yield Move(kind, day + draft.days(0, 10), told)


def _network_ends(draft: Draft) -> Iterable[Move]:
    session = draft.session()
    until = session + draft.dice.choice((-3, -1, 0, 2))
    day = max(0.0, session + draft.dice.choice((-2.0, 0.5, 5.0, 25.0)))
    yield Move("payer", day, {"payer": draft.payer(), "until": until})


def _second_not_billable(draft: Draft) -> Iterable[Move]:
    """The second plan is out of network, so that the third is billed after the first, past it."""
    if len(draft.plans) < 3:
        return
    yield Move("payer", draft.dice.choice((0.0, draft.sessions[0] + 5.0)), {"payer": "B", "in_network": False})


def _no_mail(how: str) -> Behaviour:
    """The client's mailbox takes no letters for a while, or for ever; the client may state another address."""

    def moves(draft: Draft) -> Iterable[Move]:
        day, lasts = draft.session() + draft.days(0, 70), draft.dice.choice((5.0, 20.0, 60.0, 400.0))
        yield Move("mailbox", day, {"how": how, "lasts": lasts, "after": draft.days(0, 3)})
        if lasts > 100 or draft.dice.random() < 0.5:
            yield Move("readdress", day + draft.days(1, 60))
        for nth in range(draft.dice.choice((0, 1, 3))):
            yield Move("announce", told={"nth": nth, "after": draft.days(0, 20)})

    return moves


def _agrees_another_rate(draft: Draft) -> Iterable[Move]:
    """One payer has agreed rates of its own with the provider, from the first day."""
    payer, percent = draft.payer(), draft.dice.choice((60, 80, 120))
    for at, move in enumerate(draft.moves):
        if move.kind == "rate" and move["payer"] == payer:
            cents = RATES[move["procedure"]] * percent // 100
            draft.moves[at] = Move("rate", move.day, {"cents": cents, **move.told})
    return ()


def _calls_twice(draft: Draft) -> Iterable[Move]:
    """The client gives a reference twice, or calls again and gets another one."""
    payer, session = draft.payer(), draft.session()
    told = {"payer": payer, "session": session, "nth": 0, "how": draft.dice.choice(("must_call", "other_first"))}
    yield Move("answer", told={**told, "after": draft.days(3, 15)})
    second = draft.dice.choice(({}, {"second": f"REF-{payer}-78"}))
    apart = draft.dice.choice((0.0, 0.01, 1.0, 15.0, 40.0))
    yield Move("call", told={"payer": payer, "how": "twice", "after": draft.days(0, 20), "apart": apart, **second})


def _answers_inquiries(draft: Draft) -> Iterable[Move]:
    """A payer that decides late, or never, says what became of the claim when it is asked."""
    payer, session = draft.payer(), draft.session()
    told = {"payer": payer, "session": session}
    how, after = draft.dice.choice((("pay", (30, 120)), ("pay", (30, 120)), ("silent", (1, 2))))
    yield Move("answer", told={**told, "nth": 0, "how": how, "after": draft.days(*after)})
    if draft.dice.random() < 0.5:
        again = draft.dice.choice(("duplicate", "silent"))
        yield Move("answer", told={**told, "nth": 1, "how": again, "after": draft.days(3, 40)})
    of_one_kind = ("pending", "wants_more", "paid", "denied", "not_found", "not_found", "unable")
    says = [draft.dice.choice(of_one_kind)] * draft.dice.choice((1, 2, 3))
    if draft.dice.random() < 0.4:
        says.append(draft.dice.choice(of_one_kind))
    late = draft.dice.choice((0.0, 0.0, 1.0, 6.0, 20.0))
    yield Move("inquiries", told={**told, "says": says, "after": late, "times": draft.dice.choice((1, 1, 2))})


def _says_after_accepting(draft: Draft) -> Iterable[Move]:
    """A status that nobody asked for, days after the payer took the claim: the claim is refused after all, or paid."""
    says = draft.dice.choice(("refused", "refused_provider", "not_found", "denied", "pending", "paid"))
    told = {"payer": draft.payer(), "session": draft.session(), "nth": 0, "says": says}
    told["for_good"] = says in ("refused", "refused_provider", "not_found") and draft.dice.random() < 0.6
    after = draft.dice.choice((draft.days(0, 9), draft.days(11, 40)))
    yield Move("status", told={**told, "set": draft.dice.choice(("277CA", "277")), "after": after})


def _rate_after_payday(draft: Draft) -> Iterable[Move]:
    """The first payer's rate, or that of one procedure, is known only around the provider's payday or after it."""
    late = draft.session() + draft.days(20, 60)
    procedures = draft.dice.choice((PROCEDURES, (EXTRA,), (MAIN,)))
    for at, move in enumerate(draft.moves):
        if move.kind == "rate" and move["payer"] == draft.plans[0] and move["procedure"] in procedures:
            draft.moves[at] = Move("rate", late, move.told)
    if draft.dice.random() < 0.5:
        procedure = draft.dice.choice(PROCEDURES)
        told = {"payer": draft.plans[0], "procedure": procedure, "cents": RATES[procedure] * 11 // 10}
        yield Move("rate", late + draft.days(-15, 15), told)


def _after_cancelling(kind: str) -> Behaviour:
    """Upstream takes a cancellation back: the session is confirmed again, or was completed after all."""

    def moves(draft: Draft) -> Iterable[Move]:
        session = draft.session()
        cancelled = session + draft.days(0, 40)
        yield Move("cancel", cancelled, {"session": session})
        told = {"procedures": [draft.dice.choice((MAIN, SHORT))]} if kind == "confirm" else {}
        again = cancelled + draft.dice.choice((0.01, 0.3, 3.0, 20.0))
        yield Move(kind, again, {"session": session, **told})
        if draft.dice.random() < 0.3:
            yield Move("cancel", again + draft.days(1, 20), {"session": session})

    return moves


def _plans_removed(draft: Draft) -> Iterable[Move]:
    """The client removes all plans, or one, and enters them again: the same, or with another member id."""
    left = draft.dice.choice(("", draft.plans[:1], draft.plans[1:]))
    removed = draft.sessions[0] + draft.days(-5, 30)
    but = draft.dice.choice(({}, {draft.payer(): {"member_id": "MX0002"}}))
    yield Move("plans", max(0.0, removed), {"plans": list(left)})
    yield Move(
        "plans", max(0.0, removed) + draft.dice.choice((0.1, 3.0, 20.0)), {"plans": list(draft.plans), "but": but}
    )


def _confirmed_ahead(draft: Draft) -> Iterable[Move]:
    """A visit is confirmed days before its day, and meanwhile the network or a credential may end."""
    session = draft.session()
    ahead = session - draft.dice.choice((1, 4, 12))
    for at, move in enumerate(draft.moves):
        if move.kind == "confirm" and move["session"] == session:
            draft.moves[at] = Move("confirm", max(0.0, ahead), move.told)
    if draft.dice.random() < 0.7:
        told = {"payer": draft.payer(), "until": session - 1}
        yield Move(draft.dice.choice(("payer", "credential")), max(0.0, ahead) + draft.days(0, 12), told)


def _refuses_over_other_coverage(draft: Draft) -> Iterable[Move]:
    """A payer says in a 277CA or 277 that other coverage comes first; once the client has called, it says so no more.

    A claim that it had in hand may still be denied for that by an 835 of later, or be decided on after all.
    """
    told = {"payer": draft.payer(), "session": draft.session(), "nth": 0}
    if draft.dice.random() < 0.6:
        says = draft.dice.choice(("refused_order", "refused_order_softly", "refused_other_coverage"))
        yield Move("refuse", told={**told, "says": says, "after": draft.dice.choice((0.0, 0.0, 2.5))})
    else:
        says = draft.dice.choice(("refused_other_coverage", "wants_other_coverage", "denied_other_coverage"))
        forever = says == "refused_other_coverage"
        yield Move("status", told={**told, "says": says, "set": "277", "after": draft.days(1, 9), "for_good": forever})
        how = draft.dice.choice(("pay", "must_call", "must_call_all_the_same"))
        yield Move("answer", told={**told, "how": how, "after": draft.days(10, 40)})
    if draft.dice.random() < 0.4:
        how = draft.dice.choice(("never", "no_reference", "twice"))
        yield Move("call", told={"payer": told["payer"], "how": how, "after": draft.days(0, 30), "apart": 10.0})


def _withholds_later(draft: Draft) -> Iterable[Move]:
    """A payer keeps back the money of any of its decisions: of a replacement, of a forwarded claim, or twice."""
    told = {"payer": draft.payer(), "session": draft.session(), "nth": draft.dice.choice((0, 1, 1, "X"))}
    if told["nth"] == 1 and draft.dice.random() < 0.7:
        procedures = draft.dice.choice(((SHORT,), (MAIN, EXTRA)))
        day = told["session"] + draft.days(1, 30)
        yield Move("confirm", day, {"session": told["session"], "procedures": list(procedures)})
    after = draft.days(1, 60)
    yield Move("follow", told={**told, "how": "withhold", "after": after, "of_last": draft.dice.random() < 0.5})
    if draft.dice.random() < 0.5:
        how = draft.dice.choice(("take_back", "withhold", "correct"))
        to = {"to": draft.dice.choice(("less", "full"))} if how == "correct" else {}
        yield Move("follow", told={**told, "how": how, **to, "after": after + draft.days(0, 40), "of_last": True})


def _refused_and_no_more(draft: Draft) -> Iterable[Move]:
    """A 277 refuses a claim that the payer had in hand, and nothing else ever comes of it."""
    told = {"payer": draft.payer(), "session": draft.session(), "nth": draft.dice.choice((0, 0, 0, 1))}
    says = draft.dice.choice(("refused", "refused_provider", "denied", "refused_other_coverage", "not_found"))
    status = {"says": says, "set": draft.dice.choice(("277", "277CA")), "after": draft.days(1, 40), "for_good": True}
    yield Move("status", told={**told, **status})
    yield Move("answer", told={**told, "how": "silent"})


def _reports_by_link(draft: Draft) -> Iterable[Move]:
    """The client reports on the page of a letter, which may be an old one: of the pause, or of the one before it."""
    payer, session = draft.payer(), draft.session()
    yield Move(
        "answer", told={"payer": payer, "session": session, "nth": 0, "how": "must_call", "after": draft.days(3, 15)}
    )
    yield Move("call", told={"payer": payer, "how": "never"})
    first = draft.dice.choice((0, 0, 1, 2, 3))
    yield Move("report", told={"nth": first, "after": draft.days(0, 40)})
    if draft.dice.random() < 0.8:  # a second pause, over a visit of later; what is sent on the day of a call makes none
        later = session + draft.dice.randint(15, 35)
        if later not in draft.sessions:
            yield from visit(later, (MAIN,), 0.0)
        told = {"payer": draft.dice.choice((payer, draft.payer())), "session": later, "nth": 0}
        yield Move("answer", told={**told, "how": "must_call_all_the_same", "after": draft.days(3, 15)})
        yield Move("call", told={"payer": told["payer"], "how": "never"})
        yield Move("report", told={"nth": 0, "after": draft.days(10, 90), "how": draft.dice.choice(("calls", "again"))})
        yield Move("report", told={"nth": draft.dice.choice((2, 4, 5)), "after": draft.days(0, 20), "how": "again"})


def _another_first_without_a_rate(draft: Draft) -> Iterable[Move]:
    """Around the payday the first plan is said to have ended before the visit; the rate of the next one is late."""
    if len(draft.plans) < 2:
        return
    (first, second), session = draft.plans[:2], draft.session()
    for at, move in enumerate(draft.moves):
        if move.kind == "rate" and move["payer"] == second:
            draft.moves[at] = Move("rate", session + draft.days(20, 70), move.told)
    yield Move("answer", told={"payer": first, "session": session, "nth": 0, "how": "silent"})
    day = session + draft.days(13, 32)
    yield Move("state", day, {"plans": {first: {"covered_to": _day(session - 1)}}})
    if draft.dice.random() < 0.3:
        yield Move("state", day + draft.days(0, 20), {"plans": {first: {"covered_to": None}}})


def _without_letters(**told: object) -> Behaviour:
    """The client has no address, or wants no letters: from the first day, or later; it may be another again."""

    def moves(draft: Draft) -> Iterable[Move]:
        at = next(at for at, move in enumerate(draft.moves) if move.kind == "register")
        day = draft.dice.choice((0.0, draft.session() + draft.days(0, 40)))
        if day:
            yield Move("readdress", day, told)
        else:
            draft.moves[at] = Move("register", draft.moves[at].day, told)
        if draft.dice.random() < 0.5:
            yield Move("readdress", day + draft.days(1, 60))
        for nth in range(draft.dice.choice((0, 1, 3))):
            yield Move("announce", told={"nth": nth, "after": draft.days(0, 20)})
        if draft.dice.random() < 0.5:  # a balance to announce
            told_of = {"session": draft.session(), "nth": 0, "after": draft.days(3, 15)}
            for payer, how in zip(draft.plans, ("deductible", "nothing", "nothing"), strict=False):
                yield Move("answer", told={"payer": payer, **told_of, "how": how})

    return moves


def _writes_otherwise(draft: Draft) -> Iterable[Move]:
    """Payers state the same decisions in other ways."""
    for payer in draft.dice.sample(draft.plans, k=draft.dice.randint(1, len(draft.plans))):
        hands = draft.dice.sample((*HANDS, *OF_THE_PAYER), k=draft.dice.choice((1, 1, 2, 3)))
        yield Move("hand", told={"payer": payer, "writes": hands})


def _refuses_syntax(draft: Draft) -> Iterable[Move]:
    """A 999 rejects a submission; a person may send it again."""
    told = {"session": draft.session(), "nth": draft.dice.choice((0, 0, 1))}
    payer = draft.payer()
    yield Move("refuse", told={"payer": payer, **told, "says": "syntax", "after": draft.days(0, 2)})
    if draft.dice.random() < 0.5:
        yield from _resends(draft)


def _day(number: int) -> str:
    return (FIRST_DAY + timedelta(days=number)).isoformat()


COMPLICATIONS: dict[str, Behaviour] = {
    "operator resolves": _resolves,
    "operator closes": _closes,
    "operator resends": _resends,
    "operator writes off": _writes_off,
    "second visit of a day": _second_visit,
    "forwards late": _forwards(None),
    "forwards in another place": _forwards("S"),
    "pays twice": _pays_twice,
    "corrects twice": _corrects_twice,
    "reversal overtakes": _overtakes,
    "mail deferred": _mail("defers"),
    "mail perhaps twice": _mail("no_answer"),
    "published again": _publishes_again,
    "changes plans": _changes_plans,
    "retires": _retires,
    "ended by mistake": _ended_by_mistake,
    "credential ends": _credential_ends,
    "withdrawn": _withdrawn,
    "network ends": _network_ends,
    "second not billable": _second_not_billable,
    "mail refused": _no_mail("refuses"),
    "mail comes back": _no_mail("returns"),
    "mailbox full": _no_mail("full"),
    "calls twice": _calls_twice,
    "another rate": _agrees_another_rate,
    "answers inquiries": _answers_inquiries,
    "says after accepting": _says_after_accepting,
    "rate after payday": _rate_after_payday,
    "confirmed again": _after_cancelling("confirm"),
    "completed after cancelling": _after_cancelling("complete"),
    "plans removed": _plans_removed,
    "confirmed ahead": _confirmed_ahead,
    "refuses over other coverage": _refuses_over_other_coverage,
    "reports by link": _reports_by_link,
    "no address": _without_letters(email=None),
    "letters off": _without_letters(letters="none"),
    "another first without a rate": _another_first_without_a_rate,
    "writes otherwise": _writes_otherwise,
    "refuses syntax": _refuses_syntax,
    "withholds later": _withholds_later,
    "refused and no more": _refused_and_no_more,
}
