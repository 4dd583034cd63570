"""The final cost where payers decide on each service line: denied, not covered, in pieces, told apart."""

from dataclasses import replace

import pytest

from services.settlement.answers.adjudication import Level
from services.settlement.answers.final_cost import final_cost
from shared.x12.remittance_835.remittance import RemittedLine
from tests.services.settlement.remittances import adjustments, claim, line, of

P, S, T = Level.PRIMARY, Level.SECONDARY, Level.TERTIARY
PIECES = (
    claim("1", 8000, charge=12000, lines=(line("1", 12000, 8000, "CO-45:2000 PR-2:2000"),)),
    claim("1", 7000, charge=10000, lines=(line("2", 10000, 7000, "CO-45:2000 PR-3:1000"),), icn="ICN-1B"),
)


def test_an_answer_in_pieces_is_added_up() -> None:
    cost = final_cost([of(P, PIECES[0]), of(P, PIECES[1], day=2)])

    assert (cost.final_cost_cents, cost.payers_paid_cents, cost.review) == (3000, 15000, ())


WHOLE_BACK = claim(
    "22",
    15000,
    lines=(line("1", -12000, -8000, "CO-45:-2000 PR-2:-2000"), line("2", -10000, -7000, "CO-45:-2000 PR-3:-1000")),
)
CORRECTED_WHOLE = claim(
    "1", 14000, lines=(line("1", 12000, 8000, "CO-45:2000 PR-2:2000"), line("2", 10000, 6000, "CO-45:2000 PR-3:2000"))
)


@pytest.mark.parametrize("number", ["ICN-1", "ICN-9"], ids=["under the number of one piece", "under another number"])
def test_an_answer_in_pieces_may_be_taken_back_as_a_whole(number: str) -> None:
    pieces = [of(P, PIECES[0]), of(P, PIECES[1], day=2)]
    gone = of(P, replace(WHOLE_BACK, payer_claim_id=number), day=3)

    cost = final_cost([*pieces, gone])
    assert (cost.final_cost_cents, [review.reason for review in cost.review]) == (None, ["reversal_without_correction"])

    cost = final_cost([*pieces, gone, of(P, CORRECTED_WHOLE, day=4)])
    assert (cost.final_cost_cents, cost.payers_paid_cents, cost.review) == (4000, 14000, ())


TWO_LINES = claim(
    "1", 15000, lines=(line("1", 12000, 8000, "CO-45:2000 PR-2:2000"), line("2", 10000, 7000, "CO-45:2000 PR-3:1000"))
)


def test_a_line_that_the_secondary_does_not_cover_leaves_what_the_primary_left_of_it() -> None:
    second = claim(
        "2", 1500, lines=(line("1", 12000, 1500, "OA-23:10000 PR-2:500"), line("2", 10000, 0, "CO-96:10000"))
    )

    cost = final_cost([of(P, TWO_LINES), of(S, second)])

    assert (cost.final_cost_cents, cost.review) == (1500, ())


TWO_SERVICES = claim(
    "1",
    13000,
    charge=25000,
    lines=(
        line("1", 22000, 12000, "CO-45:7000 PR-2:3000"),
        line("2", 3000, 1000, "CO-45:1000 PR-2:1000", procedure="90785"),
    ),
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            (
                line("", 22000, 2400, "OA-23:19000 PR-2:600"),
                line("", 3000, 0, "OA-23:2000 PR-96:1000", procedure="90785"),
            ),
            1600,
            id="no number comes back",
        ),
        pytest.param(
            (
                line("2", 22000, 2400, "OA-23:19000 PR-2:600"),
                line("1", 3000, 0, "OA-23:2000 PR-96:1000", procedure="90785"),
            ),
            1600,
            id="the numbers come back on the wrong lines",
        ),
        pytest.param(
            (
                line("1", 11000, 1200, "OA-23:9500 PR-2:300"),
                line("1", 11000, 1200, "OA-23:9500 PR-2:300"),
                line("2", 3000, 0, "OA-23:2000 PR-96:1000", procedure="90785"),
            ),
            1600,
            id="another line is split",
        ),
        pytest.param(
            (
                line("1", 11000, 1200, "OA-23:9500 PR-2:300"),
                line("1", 11000, 0, "OA-23:9500 PR-96:1500"),
                line("2", 3000, 700, "OA-23:2000 PR-2:300", procedure="90785"),
            ),
            None,
            id="one half of a split line is not covered",
        ),
    ],
)
def test_the_line_that_is_not_covered_is_found_by_its_number_or_its_service(
    lines: tuple[RemittedLine, ...], expected: int | None
) -> None:
    second = claim("2", sum(line.paid_cents for line in lines), charge=25000, lines=lines)

    assert final_cost([of(P, TWO_SERVICES), of(S, second)]).final_cost_cents == expected


def test_lines_that_cannot_be_told_apart_go_to_a_person() -> None:
    second = claim(
        "2", 1500, lines=(line("8", 12000, 1500, "OA-23:10000 PR-2:500"), line("9", 10000, 0, "CO-96:10000"))
    )

    cost = final_cost([of(P, TWO_LINES), of(S, second)])

    assert (cost.final_cost_cents, [review.reason for review in cost.review]) == (None, ["lines_do_not_match"])


def test_a_claim_denied_as_a_whole_leaves_what_the_primary_left_though_it_states_lines() -> None:
    lines = (line("1", 12000, 12000), line("2", 10000, 10000))
    second = replace(claim("4", 0, lines=lines), adjustments=adjustments("PR-96:22000"))

    cost = final_cost([of(P, TWO_LINES), of(S, second)])

    assert (cost.final_cost_cents, cost.review) == (3000, ())


def test_one_denied_line_leaves_the_whole_cost_open() -> None:
    first = claim("1", 8000, lines=(line("1", 12000, 8000, "CO-45:2000 PR-2:2000"), line("2", 10000, 0, "CO-16:10000")))

    cost = final_cost([of(P, first)])

    assert (cost.final_cost_cents, [review.reason for review in cost.review]) == (None, ["information_denial"])


def test_a_share_above_the_primarys_on_one_line_is_shown_to_a_person() -> None:
    second = claim(
        "2", 400, lines=(line("1", 12000, 400, "OA-23:10000 CO-45:1600"), line("2", 10000, 0, "OA-23:8000 PR-1:2000"))
    )

    cost = final_cost([of(P, TWO_LINES), of(S, second)])

    assert (cost.final_cost_cents, [review.reason for review in cost.review]) == (2000, ["line_above_primary"])
