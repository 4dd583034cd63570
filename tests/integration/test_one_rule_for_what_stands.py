"""Commands and services answer alike: both read the same generated remittances, and the same answers stand."""

from dataclasses import dataclass, replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.claims.claim.posted_remittance import (
    Answer,
    Billed,
    Ignore,
    Post,
    Posting,
    Queue,
    post,
    standing_postings,
    totals,
)
from services.claims.codes.classification import classify
from services.claims.codes.remittance_answer import OurSide, answer_of, undecided_lines
from services.claims.filing.next_payers_claim import Answered, following
from services.settlement.answers.adjudication import Level
from services.settlement.answers.final_cost import FinalCost, final_cost
from services.settlement.answers.remitted import Remitted
from shared.x12.claim_837.claim import ProfessionalClaim, ServiceLine
from shared.x12.next_payer.next_claim import Refusal
from shared.x12.remittance_835.line_pairing import pair_lines
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment, total_cents
from tests.shared.x12.claim_values import DECIDED_ON, PRIMARY_CLAIM

CHARGES = (22000, 2000)
CLAIM = replace(
    PRIMARY_CLAIM,
    charge_cents=sum(CHARGES),
    lines=(
        ServiceLine(CHARGES[0], "90837", ("95",), service_from=date(2026, 1, 5), control="L1"),
        ServiceLine(CHARGES[1], "90785", service_from=date(2026, 1, 5), control="L2"),
    ),
)
SIDE = OurSide(("P", "S"), "P")


def line(at: int, share_cents: int, parts: int = 1) -> list[RemittedLine]:
    """Our line `at` decided with that share for the client, in so many parts."""
    lines: list[RemittedLine] = []
    for part in range(parts):
        charge = CHARGES[at] // parts
        share = share_cents if part == 0 else 0
        adjustments = (Adjustment("CO", "45", charge // 4), Adjustment("PR", "2", share))
        kept = tuple(adjustment for adjustment in adjustments if adjustment.amount_cents)
        paid = charge - total_cents(kept)
        lines.append(RemittedLine(charge, paid, ("90837", "90785")[at], (("95",), ())[at], 1, f"L{at + 1}", None, kept))
    return lines


def claim_of(lines: list[RemittedLine], number: str, **changes: object) -> RemittedClaim:
    adjustments = [adjustment for line in lines for adjustment in line.adjustments]
    claim = RemittedClaim(
        id=CLAIM.id,
        status="1",
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines),
        patient_responsibility_cents=total_cents(adjustments, "PR"),
        payer_claim_id=number,
        lines=tuple(lines),
    )
    return replace(claim, **changes)  # type: ignore[arg-type]


def negated(claim: RemittedClaim) -> RemittedClaim:
    def away(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        return tuple(replace(adjustment, amount_cents=-adjustment.amount_cents) for adjustment in adjustments)

    lines = tuple(
        replace(
            line,
            charge_cents=-line.charge_cents,
            paid_cents=-line.paid_cents,
            adjustments=away(line.adjustments),
        )
        for line in claim.lines
    )
    return replace(
        claim,
        status="22",
        charge_cents=-claim.charge_cents,
        paid_cents=-claim.paid_cents,
        patient_responsibility_cents=None,
        adjustments=away(claim.adjustments),
        lines=lines,
    )


@st.composite
def answers(draw: st.DrawFn) -> list[RemittedClaim]:
    """What a payer may say of one claim in payments that follow each other."""
    share, parts = draw(st.sampled_from([500, 3000])), draw(st.sampled_from([1, 2]))
    first, second = line(0, share, parts), line(1, 200)
    decisions = draw(
        st.sampled_from(
            [[claim_of(first + second, "N1")], [claim_of(first, "N1"), claim_of(second, "N2")], [claim_of(first, "N1")]]
        )
    )
    supplement = RemittedClaim(
        CLAIM.id, "1", 0, 500, 0, payer_claim_id="N9", adjustments=(Adjustment("CO", "131", -500),)
    )
    refusal = [replace(line, paid_cents=0, adjustments=(Adjustment("CO", "22", line.charge_cents),)) for line in first]
    later = {
        "supplement": [supplement],
        "taken back": [negated(decision) for decision in decisions],
        "corrected": [*(negated(decision) for decision in decisions), claim_of(line(0, 1000) + second, "N3")],
        "one line again": [claim_of(line(1, 700), "N4")],
        "other amounts taken back": [negated(claim_of(line(0, 777) + second, "N1"))],
        "again": [claim_of(line(0, 900) + second, "N5")],
        "disputed": [claim_of(refusal, "N6", patient_responsibility_cents=0)],
        "the same again": decisions[:1],
    }
    return [
        *decisions,
        *(claim for name in draw(st.lists(st.sampled_from(sorted(later)), max_size=2)) for claim in later[name]),
    ]


@dataclass(frozen=True)
class Posted:
    """What the claims service made of the answers: the postings, and whether a person was asked."""

    postings: tuple[Posting, ...]
    asked: bool


def posted(claims: list[RemittedClaim]) -> Posted:
    done: tuple[Posting, ...] = ()
    asked = False
    for number, claim in enumerate(claims):
        pairs = {at: own for at, own in enumerate(pair_lines(CLAIM.lines, claim.lines)) if own is not None}
        said = classify(answer_of(claim, SIDE))
        answer = Answer(claim, identity(claims, number), said, pairs, undecided_lines(claim, SIDE))
        outcome = post(answer, Billed(CHARGES, done))
        match outcome:
            case Post():
                done = (*done, outcome.posting)
            case Queue():
                asked = True
            case Ignore():
                pass
    return Posted(done, asked)


def identity(claims: list[RemittedClaim], number: int) -> str:
    """One payment a claim; the same claim again is the same payment again."""
    return f"T{claims.index(claims[number])}"


def headed(claims: list[RemittedClaim], number: int) -> RemittanceHeader:
    return RemittanceHeader(0, trace=identity(claims, number), paid_on=DECIDED_ON, produced_on=DECIDED_ON)


def settled(claims: list[RemittedClaim]) -> FinalCost:
    return final_cost(
        Remitted(claim, headed(claims, at), 0, ()).adjudication(Level.PRIMARY, at) for at, claim in enumerate(claims)
    )


def next_of(claims: list[RemittedClaim]) -> ProfessionalClaim | Refusal:
    return following(
        CLAIM,
        [Answered(claim, Remittance(headed(claims, at), (claim,)), whole=True) for at, claim in enumerate(claims)],
    )


@settings(max_examples=200, deadline=None)
@given(answers())
def test_the_commands_count_what_the_service_posts_and_hold_what_it_leaves_to_a_person(
    claims: list[RemittedClaim],
) -> None:
    service, cost, made = posted(claims), settled(claims), next_of(claims)
    now = totals(service.postings)
    figures = (now.paid_cents, now.patient_responsibility_cents)
    final = (cost.payers_paid_cents, cost.final_cost_cents)

    if service.asked:
        # Later answers may settle what a person was asked about. A correction that came before its reversal counts for
        # the commands, while the service holds all until the person posts it. Anything else is shown, or refused.
        held = figures == (0, 0)
        assert final == figures or cost.review or held
        assert isinstance(made, Refusal) or figures == _decision(made) or held
        return
    standing = [posting for posting in standing_postings(service.postings) if posting.decided and posting.charge_cents]
    assert final == figures if standing else cost.final_cost_cents is None
    if isinstance(made, ProfessionalClaim):
        assert figures == _decision(made)


def _decision(made: ProfessionalClaim) -> tuple[int | None, int]:
    """What the next payer's claim says that the primary paid and left."""
    (before,) = made.other_payers
    return before.paid_cents, before.patient_responsibility_cents
