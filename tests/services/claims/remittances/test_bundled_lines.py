"""A line that the payer pays within another one (CARC 97): the service and the command follow one rule."""

from dataclasses import replace

from services.claims.app import SERVICE
from shared.x12.remittance_835.remittance import RemittedClaim
from tests.services.claims.payer_desk import COMPLETED, FACTS, Claims, cleared, confirmed, pays, remittance


def _both_lines(first: RemittedClaim, second: RemittedClaim) -> RemittedClaim:
    return replace(
        first,
        charge_cents=first.charge_cents + second.charge_cents,
        lines=(*first.lines, *second.lines),
    )


async def test_the_next_payer_gets_a_claim_with_a_bundled_line(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(22000, 3000), cleared(), COMPLETED)
    (primary,) = claims.sent

    paid = pays(primary, 12000, ("CO", "45", 7000), ("PR", "2", 3000))
    bundled = pays(primary, 0, ("CO", "97", 3000), line=1)
    await claims.answered(remittance("ONE", _both_lines(paid, bundled)))

    (secondary,) = claims.sent
    assert [len(line.adjustments) for line in secondary.other_payers[0].lines] == [2, 1]
    assert await claims.queue() == []
