"""The 999s and 835s of the stand-in, in the eyes of a validator that we did not write (it has no 271 of 5010)."""

from dataclasses import replace

import pytest

from tests.services.payers.claim_samples import (
    LINE,
    PLAN_TWO,
    as_837,
    claim,
    decided_by_plan_one,
    other_plan,
    secondary,
)
from tests.services.payers.insurer_desk import Desk
from tests.shared.x12.referee import complaints

SENT = {
    "999 and 835 of a first claim": as_837(replace(claim(), other_payers=(other_plan(),))),
    "835 of a second claim": as_837(secondary(decided_by_plan_one())),
    "999 that rejects": as_837(claim(member_id="ONE7.rejects_at_999")),
    "835 that denies": as_837(claim(member_id="ONE7.denies_timely_filing")),
    "835 of a dispute": as_837(claim(payer=replace(PLAN_TWO, id="DISPUTE"), member_id="DIS4001")),
    "835 of a forwarded claim": as_837(
        replace(claim(member_id="ONE7.forwards"), other_payers=(other_plan(member_id="TWO7"),))
    ),
    "835 that reverses and corrects": as_837(claim(member_id="ONE7.reverses_after")),
    "835 that only reverses": as_837(claim(member_id="ONE7.reverses_without_correction")),
    "835s in pieces": as_837(claim(member_id="ONE7.sends_in_pieces", lines=[LINE, replace(LINE, control="S1-2")])),
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
async def test_what_is_sent_follows_the_guides(desk: Desk, sent: bytes):
    await desk.sends(sent)
    at_once = desk.sut.interchanges
    await desk.waits(100)

    judged = [value for value in (*at_once, *desk.sut.interchanges) if b"GS*FA*" in value or b"GS*HP*" in value]
    assert judged
    assert {value.decode(): faults for value in judged if (faults := complaints(value))} == {}
