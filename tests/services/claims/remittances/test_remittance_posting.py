from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.claim.claim_state import Cause
from services.claims.claim.posted_remittance import (
    Answer,
    Billed,
    Ignore,
    Post,
    PostedLine,
    Posting,
    Queue,
    Queued,
    Totals,
    answers_every_line,
    identity,
    in_posting_order,
    post,
    standing_postings,
    totals,
)
from services.claims.codes.classification import classify
from services.claims.codes.payer_codes import AnswerClass
from services.claims.codes.remittance_answer import OurSide, answer_of, undecided_lines
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.problems import Problem
from tests.shared.x12.remittance_values import negated

OUR_SIDE = OurSide(our_order=("A", "B"), billed="A")
CHARGES = (15000, 9000)


def line(at: int, paid: int, *adjustments: Adjustment, remarks: tuple[str, ...] = ()) -> RemittedLine:
    sign = -1 if paid < 0 else 1
    return RemittedLine(sign * CHARGES[at], paid, ("99214", "90836")[at], adjustments=adjustments, remarks=remarks)


CONTRACTUAL = Adjustment("CO", "45", 5000)
COPAY = Adjustment("PR", "3", 3000)
MISSING = Adjustment("CO", "16", 9000)
PAID_FIRST = line(0, 7000, CONTRACTUAL, COPAY)
PAID_SECOND = line(1, 9000)
REFUSED_SECOND = line(1, 0, MISSING, remarks=("MA04",))


def remitted(*lines: RemittedLine, **changes: object) -> RemittedClaim:
    claim = RemittedClaim(
        id="SES-1-P",
        status="1",
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines),
        payer_claim_id="ICN1",
        lines=lines,
    )
    return replace(claim, **changes)  # type: ignore[arg-type]


WHOLE = remitted(PAID_FIRST, PAID_SECOND)


def reversal_of(claim: RemittedClaim) -> RemittedClaim:
    return replace(
        claim, status="22", charge_cents=-claim.charge_cents, paid_cents=-claim.paid_cents, lines=negated(claim.lines)
    )


def posting(claim: RemittedClaim, own: str, posted: tuple[Posting, ...] = ()) -> Post | Queue | Ignore:
    ours = {"99214": 0, "90836": 1}
    pairs = {at: ours[line.procedure] for at, line in enumerate(claim.lines) if line.procedure in ours}
    said = classify(answer_of(claim, OUR_SIDE))
    return post(Answer(claim, own, said, pairs, undecided_lines(claim, OUR_SIDE)), Billed(CHARGES, posted))


def posted(*claims: RemittedClaim) -> tuple[Posting, ...]:
    done: tuple[Posting, ...] = ()
    for number, claim in enumerate(claims):
        result = posting(claim, f"id-{number}", done)
        assert isinstance(result, Post), result
        done = (*done, result.posting)
    return done


def test_a_reversal_under_an_earlier_number_leaves_the_decision_on_a_later_submission() -> None:
    later = posted(replace(WHOLE, payer_claim_id="ICN2"))
    of_the_first = Answer(reversal_of(WHOLE), "new", classify(answer_of(WHOLE, OUR_SIDE)), {0: 0, 1: 1})

    waits = post(of_the_first, Billed(CHARGES, later, other_payer_keys=("ICN1",)))
    numbered_anew = post(of_the_first, Billed(CHARGES, later))

    assert isinstance(waits, Queue)
    assert isinstance(numbered_anew, Post)


def test_a_decision_is_posted_with_its_figures() -> None:
    assert posting(WHOLE, "id") == Post(
        Posting(
            identity="id",
            payer_claim_id="ICN1",
            status="1",
            charge_cents=24000,
            paid_cents=16000,
            patient_responsibility_cents=3000,
            answer=AnswerClass.ORDINARY,
            decided=True,
            lines=(PostedLine(0, 15000, 7000, 3000), PostedLine(1, 9000, 9000, 0)),
            adjustments=(("CO", "45", 5000), ("PR", "3", 3000)),
            named_level="P",
        ),
        Cause.DECIDED,
        complete=True,
    )


def outcome(claim: RemittedClaim, *before: RemittedClaim) -> tuple[Cause, bool] | Queued | None:
    result = posting(claim, "new", posted(*before))
    match result:
        case Post():
            return result.cause, result.complete
        case Queue():
            return result.reason
        case Ignore():
            return None


FIRST, SECOND = remitted(PAID_FIRST), remitted(PAID_SECOND)
DENIED = remitted(line(0, 0, Adjustment("CO", "22", 15000)), line(1, 0, Adjustment("CO", "22", 9000)), status="4")
DUPLICATE = remitted(line(0, 0, Adjustment("OA", "18", 15000)), line(1, 0, Adjustment("OA", "18", 9000)), status="4")
NOT_A_BENEFIT = remitted(
    line(0, 0, Adjustment("PR", "96", 15000)), line(1, 0, Adjustment("PR", "96", 9000)), status="4"
)
LINE_REFUSED = remitted(REFUSED_SECOND, status="4")
AS_A_WHOLE = replace(
    reversal_of(WHOLE),
    lines=(),
    adjustments=(replace(CONTRACTUAL, amount_cents=-5000), replace(COPAY, amount_cents=-3000)),
)
OTHER_REASONS = reversal_of(
    remitted(line(0, 7000, Adjustment("CO", "45", 4000), Adjustment("PR", "2", 4000)), PAID_SECOND)
)
OTHER_LINES = reversal_of(remitted(line(0, 6000, CONTRACTUAL, COPAY), line(1, 10000)))
SUPPLEMENT = remitted(charge_cents=0, paid_cents=500, adjustments=(Adjustment("CO", "131", -500),))
LESS = remitted(line(0, 6000, CONTRACTUAL, Adjustment("PR", "3", 4000)), PAID_SECOND)


@pytest.mark.parametrize(
    ("claim", "before", "expected"),
    [
        pytest.param(WHOLE, [], (Cause.DECIDED, True), id="decided"),
        pytest.param(FIRST, [], (Cause.DECIDED, False), id="the first piece"),
        pytest.param(SECOND, [FIRST], (Cause.DECIDED, True), id="the second piece"),
        pytest.param(remitted(PAID_FIRST, REFUSED_SECOND), [], (Cause.DECIDED, False), id="one line refused"),
        pytest.param(NOT_A_BENEFIT, [], (Cause.DECIDED, True), id="denied: not a benefit"),
        pytest.param(DENIED, [], (Cause.REFUSED_PAYMENT, False), id="denied over the order"),
        pytest.param(WHOLE, [DENIED], (Cause.DECIDED, True), id="paid after a denial"),
        pytest.param(DUPLICATE, [WHOLE], None, id="a duplicate's denial beside a decision"),
        pytest.param(DUPLICATE, [], (Cause.REFUSED_PAYMENT, False), id="a duplicate's denial alone"),
        pytest.param(remitted(status="23"), [], Queued.CHARGE_DIFFERS, id="passed on with no charge"),
        pytest.param(
            remitted(status="23", charge_cents=24000), [], (Cause.PASSED_ON, False), id="not this payer's claim"
        ),
        pytest.param(reversal_of(WHOLE), [WHOLE], (Cause.TAKEN_BACK, False), id="taken back"),
        pytest.param(LESS, [WHOLE, reversal_of(WHOLE)], (Cause.DECIDED_ANEW, True), id="decided anew"),
        pytest.param(DENIED, [WHOLE, reversal_of(WHOLE)], (Cause.REFUSED_PAYMENT, False), id="taken back, then denied"),
        pytest.param(reversal_of(SECOND), [FIRST, SECOND], (Cause.DECIDED_ANEW, False), id="one piece taken back"),
        pytest.param(reversal_of(WHOLE), [FIRST, SECOND], (Cause.TAKEN_BACK, False), id="both pieces at once"),
        pytest.param(AS_A_WHOLE, [SECOND, FIRST], (Cause.TAKEN_BACK, False), id="both pieces at once, without lines"),
        pytest.param(
            reversal_of(WHOLE), [DENIED, FIRST, SECOND], (Cause.TAKEN_BACK, False), id="both pieces after a denial"
        ),
        pytest.param(
            reversal_of(remitted(PAID_FIRST, REFUSED_SECOND)),
            [LINE_REFUSED, FIRST],
            (Cause.TAKEN_BACK, False),
            id="a piece that was paid and one that was refused",
        ),
        pytest.param(
            LESS, [FIRST, SECOND, reversal_of(WHOLE)], (Cause.DECIDED_ANEW, True), id="decided anew after both pieces"
        ),
        pytest.param(
            reversal_of(WHOLE), [FIRST, SECOND, reversal_of(WHOLE)], Queued.REVERSAL_OF_NOTHING, id="both pieces twice"
        ),
        pytest.param(reversal_of(WHOLE), [FIRST], Queued.REVERSAL_DIFFERS, id="a piece that never came"),
        pytest.param(OTHER_REASONS, [FIRST, SECOND], Queued.REVERSAL_DIFFERS, id="both pieces for other reasons"),
        pytest.param(OTHER_LINES, [FIRST, SECOND], Queued.REVERSAL_DIFFERS, id="both pieces with other lines"),
        pytest.param(reversal_of(DENIED), [DENIED], (Cause.TAKEN_BACK, False), id="a denial taken back"),
        pytest.param(reversal_of(WHOLE), [], Queued.REVERSAL_OF_NOTHING, id="reversal of nothing"),
        pytest.param(reversal_of(LESS), [WHOLE], Queued.REVERSAL_DIFFERS, id="reversal of other amounts"),
        pytest.param(reversal_of(WHOLE), [WHOLE, reversal_of(WHOLE)], Queued.REVERSAL_OF_NOTHING, id="reversed twice"),
        pytest.param(WHOLE, [WHOLE], Queued.PAID_TWICE, id="paid twice"),
        pytest.param(LESS, [WHOLE], Queued.SECOND_DECISION, id="another decision without a reversal"),
        pytest.param(DENIED, [WHOLE], Queued.SECOND_DECISION, id="decided, then another plan named"),
        pytest.param(
            remitted(replace(PAID_FIRST, charge_cents=7000), replace(PAID_FIRST, charge_cents=8000), PAID_SECOND),
            [],
            (Cause.DECIDED, True),
            id="a line split in two",
        ),
        pytest.param(SUPPLEMENT, [WHOLE], (Cause.DECIDED_ANEW, True), id="a supplement"),
        pytest.param(SUPPLEMENT, [FIRST], (Cause.DECIDED_ANEW, False), id="a supplement to a piece"),
        pytest.param(SUPPLEMENT, [], Queued.CHARGE_DIFFERS, id="a supplement to nothing"),
        pytest.param(
            remitted(replace(PAID_SECOND, paid_cents=500)), [WHOLE], Queued.SECOND_DECISION, id="one line decided again"
        ),
        pytest.param(remitted(line(0, -7000)), [], Queued.NEGATIVE_PAYMENT, id="negative, and no reversal"),
        pytest.param(replace(WHOLE, status="25"), [], Queued.PREDETERMINATION, id="predetermination"),
        pytest.param(
            remitted(PAID_FIRST, RemittedLine(100, 100, "97110")), [], Queued.UNKNOWN_LINES, id="a line we did not bill"
        ),
        pytest.param(
            remitted(replace(PAID_FIRST, charge_cents=1)), [], Queued.CHARGE_DIFFERS, id="another line charge"
        ),
        pytest.param(
            remitted(charge_cents=24000, paid_cents=24000), [], (Cause.DECIDED, True), id="decided as a whole, no lines"
        ),
        pytest.param(remitted(charge_cents=1, paid_cents=1), [], Queued.CHARGE_DIFFERS, id="another charge"),
    ],
)
def test_what_a_remitted_claim_does_depends_on_what_was_posted(
    claim: RemittedClaim, before: list[RemittedClaim], expected: tuple[Cause, bool] | Queued | None
) -> None:
    assert outcome(claim, *before) == expected


WITHIN = Adjustment("CO", "97", 9000)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param(remitted(PAID_FIRST, line(1, 0, WITHIN)), frozenset(), id="beside a line that was paid"),
        pytest.param(remitted(PAID_FIRST, line(1, 0, WITHIN, remarks=("M15",))), frozenset(), id="explained"),
        pytest.param(
            remitted(line(0, 0, Adjustment("PR", "1", 15000)), line(1, 0, WITHIN)), frozenset(), id="a deductible"
        ),
        pytest.param(remitted(line(1, 0, WITHIN)), frozenset({0}), id="nothing beside it"),
        pytest.param(
            remitted(PAID_FIRST, line(1, 0, WITHIN, remarks=("MA04",))), frozenset({1}), id="more is said of it"
        ),
    ],
)
def test_a_line_paid_within_another_is_decided_where_that_other_is(
    claim: RemittedClaim, expected: frozenset[int]
) -> None:
    assert undecided_lines(claim, OUR_SIDE) == expected


def test_an_unbalanced_claim_is_never_posted() -> None:
    off = replace(WHOLE, problems=(Problem("claim_unbalanced", "off", off_by_cents=1, kind="balance"),))

    assert posting(off, "id") == Queue(Queued.UNBALANCED, "the claim does not add up")


def test_the_same_remittance_twice_is_nothing() -> None:
    assert posting(WHOLE, "id-0", posted(WHOLE)) == Ignore("the same remittance was posted before")


def test_a_correction_that_comes_before_its_reversal_in_one_file_is_posted_after_it() -> None:
    assert in_posting_order([LESS, WHOLE, reversal_of(WHOLE)]) == [reversal_of(WHOLE), LESS, WHOLE]


def test_a_piece_that_is_taken_back_leaves_the_other_standing() -> None:
    done = posted(FIRST, SECOND, reversal_of(SECOND))

    assert standing_postings(done) == (done[0],)
    assert totals(done) == Totals(paid_cents=7000, patient_responsibility_cents=3000)
    assert not answers_every_line(standing_postings(done), 2)


def test_pieces_whose_adjustments_were_not_kept_are_not_taken_back_together() -> None:
    before = tuple(replace(line, adjustments=None) for line in posted(FIRST, SECOND))

    assert posting(reversal_of(WHOLE), "new", before) == Queue(
        Queued.REVERSAL_DIFFERS, "the amounts taken back are not those that were posted"
    )


def test_a_reversal_of_all_pieces_names_each_of_them() -> None:
    done = posted(FIRST, SECOND, reversal_of(WHOLE))

    assert done[-1].taken_back == ("id-0", "id-1")
    assert standing_postings(done) == ()
    assert totals(done) == Totals(0, 0)


def test_the_totals_count_only_decisions_that_stand() -> None:
    assert totals(posted(WHOLE, reversal_of(WHOLE), LESS)) == Totals(15000, 4000)


IDENTITIES = [
    pytest.param("P0002", "TRACE", WHOLE, 0, id="another payer"),
    pytest.param("P0001", "TRACE2", WHOLE, 0, id="another payment"),
    pytest.param("P0001", "TRACE", replace(WHOLE, payer_claim_id="ICN2"), 0, id="another payer number"),
    pytest.param("P0001", "TRACE", replace(WHOLE, status="2"), 0, id="another status"),
    pytest.param("P0001", "TRACE", LESS, 0, id="other figures"),
    pytest.param("P0001", "TRACE", WHOLE, 1, id="listed a second time"),
]


@pytest.mark.parametrize(("payer", "trace", "claim", "occurrence"), IDENTITIES)
def test_what_differs_is_another_remittance(payer: str, trace: str, claim: RemittedClaim, occurrence: int) -> None:
    assert identity(payer, trace, claim, occurrence) != identity("P0001", "TRACE", WHOLE)


def test_where_a_claim_stood_in_its_file_does_not_change_its_identity() -> None:
    assert identity("P0001", "T", replace(WHOLE, position=7)) == identity("P0001", "T", WHOLE)


@given(st.lists(st.sampled_from([WHOLE, FIRST, SECOND, LESS, DENIED, DUPLICATE, NOT_A_BENEFIT]), max_size=8), st.data())
def test_taking_back_all_that_stands_leaves_nothing(claims: list[RemittedClaim], data: st.DataObject) -> None:
    done: tuple[Posting, ...] = ()
    numbers = count()
    sources: dict[str, RemittedClaim] = {}
    for claim in claims:
        result = posting(claim, f"id-{next(numbers)}", done)
        if isinstance(result, Post):
            done, sources[result.posting.identity] = (*done, result.posting), claim
    for standing in data.draw(st.permutations(standing_postings(done))):
        result = posting(reversal_of(sources[standing.identity]), f"id-{next(numbers)}", done)
        assert isinstance(result, Post)
        done = (*done, result.posting)

    assert totals(done) == Totals(0, 0)
    assert sum(line.paid_cents for line in done) == 0


PASSED_ON = replace(WHOLE, payer_claim_id="ICN-PASSED-ON")
OWN = replace(WHOLE, id="SES-1-S", payer_claim_id="ICN-OWN")


def test_a_reversal_that_overtook_its_payment_leaves_the_decision_on_the_claim_passed_on_alone() -> None:
    """The payer before passed the claim on under its own number, and our own claim was paid as well."""
    assert outcome(reversal_of(OWN), PASSED_ON) is Queued.REVERSAL_DIFFERS
    assert outcome(reversal_of(replace(OWN, id="SES-1-P")), PASSED_ON) == (Cause.TAKEN_BACK, False)
    assert outcome(reversal_of(replace(OWN, payer_claim_id="ICN-PASSED-ON")), PASSED_ON) == (Cause.TAKEN_BACK, False)
