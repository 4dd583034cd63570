import pytest

from services.claims.codes.crossover import Crossover, CrossoverDecision, crossover
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.parties import Party

YES, NO, UNCLEAR = Crossover.FORWARDED, Crossover.NOT_FORWARDED, Crossover.DISAGREEMENT


def remitted(
    status: str, to: str = "", remarks: tuple[str, ...] = (), line_remarks: tuple[str, ...] = ()
) -> RemittedClaim:
    return RemittedClaim(
        id="SES-1-P",
        status=status,
        charge_cents=20000,
        paid_cents=9000,
        crossover_to=Party(name=to) if to else None,
        remarks=remarks,
        lines=(RemittedLine(20000, 9000, "90837", remarks=line_remarks),),
    )


@pytest.mark.parametrize(
    ("status", "to", "remarks", "expected"),
    [
        pytest.param("19", "SECOND", ("MA18",), YES, id="all three"),
        pytest.param("19", "SECOND", (), YES, id="status and payer"),
        pytest.param("20", "", ("N89",), YES, id="status and remark"),
        pytest.param("21", "THIRD", ("ma07 ",), YES, id="a remark in lower case"),
        pytest.param("23", "SECOND", (), YES, id="not this payer's claim"),
        pytest.param("1", "", (), NO, id="none"),
        pytest.param("1", "", ("MA08",), NO, id="expressly not forwarded"),
        pytest.param("4", "", ("N130",), NO, id="denied"),
        pytest.param("19", "", (), UNCLEAR, id="status alone"),
        pytest.param("1", "SECOND", (), UNCLEAR, id="payer alone"),
        pytest.param("2", "", ("MA18",), UNCLEAR, id="remark alone"),
        pytest.param("1", "SECOND", ("MA18",), UNCLEAR, id="status against the others"),
        pytest.param("19", "SECOND", ("MA08",), UNCLEAR, id="a remark against the others"),
        pytest.param("22", "SECOND", ("MA18",), NO, id="a reversal forwards nothing"),
        pytest.param("25", "SECOND", ("MA18",), NO, id="a predetermination forwards nothing"),
    ],
)
def test_the_three_signals_decide_together(status: str, to: str, remarks: tuple[str, ...], expected: Crossover) -> None:
    assert crossover(remitted(status, to, remarks)).crossover is expected


def test_the_decision_names_the_signals_on_both_sides() -> None:
    assert crossover(remitted("1", "SECOND", ("N387",), ("MA18", "MA18"))) == CrossoverDecision(
        UNCLEAR, speaking=("NM1*TT", "RARC MA18"), against=("CLP02 1", "RARC N387"), to="SECOND"
    )
