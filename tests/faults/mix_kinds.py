"""The kinds of clients in the mix: every character of the payers' stand-in, at each place where it can act."""

from tests.faults.mix_cast import AID, FULL, HARBOR, LEE, MEADOW, ONE, OUT, TWO, Cover, Kind

_PAUSED = ("queued", "given_up", "waiting")
"""Until the client has called nothing is billed; what its insurers never take after all is the marketplace's loss."""

OWN, SPOUSES = Cover(ONE), Cover(TWO, "spouse")

ANSWERS_IN_THE_END = (
    "acknowledges_late",
    "answers_after",
    "answers_after=30",
    "drops_line_controls",
    "drops_modifiers",
    "renumbers_lines",
    "sends_in_pieces",
    "unable_first",
    "unable_first=3",
    "never_answers_inquiries",
    "rejects_at_999",
    "rejects_at_277ca=A4/35",
    "pays_twice",
    "reverses_after",
    "reverses_after=12",
    "never_answers=1",
)
"""Late, odd, twice or taken back and corrected: the cost is settled without anyone's help."""

LEFT_TO_A_PERSON = (
    "unbalanced",
    "denies_timely_filing",
    "never_answers",
    "reverses_without_correction",
    "rejects_at_277ca",
    "rejects_at_277ca=A7/562",
    "rejects_at_999=3",
)
"""What no machine can put right."""


def _alone(word: str) -> Kind:
    return Kind(f"alone {word}", (Cover(ONE, characters=(word,)),))


def _first(word: str) -> Kind:
    return Kind(f"first {word}", (Cover(ONE, characters=(word,)), SPOUSES))


def _second(word: str) -> Kind:
    return Kind(f"second {word}", (OWN, Cover(TWO, "spouse", (word,))))


def _both(first: str, second: str) -> Kind:
    covers = (Cover(ONE, characters=tuple(first.split("+"))), Cover(TWO, "spouse", tuple(second.split("+"))))
    return Kind(f"{first} and {second}", covers)


def _crossovers() -> list[Kind]:
    named = ["forwards", "forgets_to_forward"]
    named += [f"forwards_with_one_signal={signal}" for signal in ("status", "payer", "remark")]
    return [
        *(_first(word) for word in named),
        _both("forwards+reverses_after=20", "ordinary"),
        _both("forwards", "unbalanced"),
        _both("forwards", "answers_after=20"),
        _both("forwards", "answers_after=45"),
    ]


def _orders() -> list[Kind]:
    claims = Cover(ONE, characters=(f"claims_to_be_second={TWO}",))
    too = Cover(TWO, "spouse", (f"claims_to_be_second={ONE}",))
    return [
        Kind("entered the wrong way round", (OWN, SPOUSES), 2, entered=(1, 0)),
        Kind("changes order", (OWN, SPOUSES), 3, changes=True),
        Kind("second says so", (OWN, too)),
        Kind("second says so, entered wrong", (OWN, too), entered=(1, 0)),
        Kind("claims to be second", (claims, SPOUSES), ends=_PAUSED),
        Kind("claims to be second, client calls", (claims, SPOUSES), calls_after=4, ends=_PAUSED),
        Kind("both claim to be second", (claims, too), ends=_PAUSED),
        Kind("both claim to be second, client calls", (claims, too), calls_after=4, ends=_PAUSED),
        Kind("names a plan", (Cover(ONE, characters=("names_unentered_plan",)), SPOUSES)),
        Kind("names a plan as first", (Cover(ONE, characters=("names_unentered_plan=primary",)),), ends=_PAUSED),
        Kind("disputes, nobody calls", (Cover(HARBOR),), ends=_PAUSED),
        Kind("disputes, client calls", (Cover(HARBOR),), 2, calls_after=9),
        Kind("disputes with two plans, client calls", (Cover(HARBOR), SPOUSES), 2, calls_after=9),
        Kind("contradicts", (Cover(ONE, characters=("contradicts_until_confirmed",)), too), calls_after=9),
    ]


def _plain() -> list[Kind]:
    return [
        Kind("ordinary alone", (OWN,), 6),
        Kind("ordinary both", (OWN, SPOUSES), 10),
        Kind("deductible first", (Cover(MEADOW), SPOUSES), 2),
        Kind("deductible second", (OWN, Cover(MEADOW, "spouse")), 2),
        Kind("three plans", (OWN, SPOUSES, Cover(AID)), 2),
        Kind("Medicaid second", (OWN, Cover(AID)), 2),
        Kind("nothing left", (Cover(FULL), SPOUSES)),
        Kind("second out of network", (OWN, Cover(OUT, "spouse"))),
        Kind("first out of network", (Cover(OUT), SPOUSES)),
        Kind("provider cannot bill the second", (OWN, SPOUSES), provider=LEE),
        Kind("first has ended", (Cover(ONE, ended=True), SPOUSES)),
        Kind("only plan has ended", (Cover(ONE, ended=True),)),
    ]


def _upstream() -> list[Kind]:
    return [
        Kind("card declined", (OWN, SPOUSES), suffix="-declined"),
        Kind("charge disputed", (OWN, SPOUSES), suffix="-disputed"),
        Kind("refund fails", (OWN, SPOUSES), suffix="-norefund"),
        Kind("cancelled at once", (OWN, SPOUSES), cancelled_after=0),
        Kind("cancelled in between", (OWN, SPOUSES), cancelled_after=8),
        Kind("cancelled at the end", (OWN, SPOUSES), cancelled_after=30),
        Kind("never took place", (OWN, SPOUSES), completed=False, ends=("queued",)),
    ]


def kinds() -> list[Kind]:
    """Every kind."""
    words = [*ANSWERS_IN_THE_END, *LEFT_TO_A_PERSON]
    return [
        *_plain(),
        *(make(word) for word in words for make in (_alone, _first, _second)),
        *_crossovers(),
        *_orders(),
        *_upstream(),
        _both("sends_in_pieces+acknowledges_late", "renumbers_lines+answers_after=30"),
        _both("reverses_after=30", "reverses_after=25"),
        _both("reverses_after=20+sends_in_pieces", "ordinary"),
        _both("ordinary", "reverses_after=20+sends_in_pieces"),
        _both("reverses_after=15+sends_in_pieces", "reverses_after=25+sends_in_pieces"),
        _both("reverses_without_correction+sends_in_pieces", "ordinary"),
        _both("reverses_after=10+pays_twice", "renumbers_lines"),
        _both("reverses_after=10+pays_twice", "sends_in_pieces"),
        _both("drops_line_controls+drops_modifiers", "drops_line_controls+drops_modifiers"),
        _both("answers_after=45", "answers_after=45"),
        _both("rejects_at_999+answers_after=30", "rejects_at_999+pays_twice"),
    ]
