"""Claims says whose answers are still to come, and which decisions settle the cost; nobody else infers it."""

from services.claims.commands.queue import listed, resolved
from shared.events.claims import ClaimAdjudicated
from shared.events.sessions import SessionCancelled
from tests.services.claims.payer_desk import (
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    WHOSE,
    Claims,
    cleared,
    paused,
    pays,
    remittance,
    taken_back,
)


async def test_each_payer_is_awaited_until_it_has_answered(claims: Claims):
    assert claims.who_is_awaited() == {"own": "sent", "spouses": "to_be_filed"}

    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    assert (claims.who_is_awaited(), claims.who_is_not()) == ({"spouses": "sent"}, {"own": "answered"})
    first = claims.only(ClaimAdjudicated)
    assert first.built_on == ()

    (secondary,) = claims.sent
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")
    second = claims.only(ClaimAdjudicated)
    assert claims.who_is_awaited() == {}
    assert claims.awaited is not None
    assert claims.awaited.posted == claims.awaited.current == (first.adjudication_id, second.adjudication_id)
    assert [(prior.plan_id, prior.adjudication_ids, prior.paid_cents) for prior in second.built_on or ()] == [
        ("own", (first.adjudication_id,), 12000)
    ]


async def test_editions_are_numbered_and_the_same_is_not_said_twice(claims: Claims):
    assert claims.awaited is not None
    before = claims.awaited.version

    await claims.receives(cleared(decision=1))
    assert claims.awaited.version == before

    await claims.receives(cleared(decision=2))
    assert (claims.awaited.version, claims.awaited.decision) == (before + 1, 2)


async def test_a_decision_taken_back_is_awaited_again_and_what_was_built_on_it_no_longer_counts(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    (secondary,) = claims.sent
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-3"))

    assert claims.who_is_awaited() == {"own": "reversed", "spouses": "being_replaced"}
    assert claims.awaited is not None
    assert claims.awaited.current == ()


async def test_a_plan_that_becomes_billable_is_awaited_in_the_same_moment(service_under_test, claims: Claims):
    await claims.receives(cleared("own", "-spouses", decision=2))
    assert (claims.who_is_awaited(), claims.who_is_not()) == ({"own": "sent"}, {"spouses": "withheld"})

    await claims.receives(cleared("own", "spouses", decision=3))
    assert claims.who_is_awaited() == {"own": "sent", "spouses": "to_be_filed"}


async def test_a_claim_held_by_a_pause_says_so(claims: Claims):
    (primary,) = claims.sent
    await claims.receives(paused())
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    assert claims.awaited is not None
    assert [(entry.why, entry.reason) for entry in claims.awaited.awaited] == [("held", "account_paused")]


async def test_nobody_is_awaited_for_a_cancelled_session(claims: Claims):
    await claims.receives(SessionCancelled.model_validate(WHOSE))

    assert claims.who_is_awaited() == {}


async def test_a_decision_that_can_no_longer_be_replaced_stands_once_a_person_says_so(claims: Claims, monkeypatch):
    monkeypatch.setenv("OPERATOR", "ann")
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    (secondary,) = claims.sent
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")
    await claims.passes(days=120)
    corrected = pays(primary, 11000, ("CO", "45", 7000), ("PR", "2", 4000))
    await claims.answered(remittance("ONE", taken_back(paid), corrected, trace="TRN-3"))
    assert (claims.sent, claims.who_is_awaited()) == ([], {"spouses": "being_replaced"})

    async with claims.sut.pool.acquire() as connection:
        (item,) = await listed(connection, "replacement_impossible")
        await resolved(connection, item["item"], "the payer will not take it any more")

    await claims.passes(hours=1)
    assert claims.who_is_awaited() == {}
    assert claims.awaited is not None
    assert len(claims.awaited.current) == 2


async def test_a_fourth_plan_is_named_and_never_awaited(claims: Claims):
    plans = [
        {"plan_id": plan, "payer_id": "ONE", "level": "primary", "billable": plan == "own"}
        for plan in ("own", "second", "third", "fourth")
    ]

    await claims.receives(cleared(plans=plans, decision=2))

    assert claims.who_is_awaited() == {"own": "sent"}
    assert list(claims.who_is_not()) == ["second", "third", "fourth"]


async def test_a_late_correction_of_the_first_submission_does_not_answer_the_replacement(claims):
    """The payer corrects its old answer while the replacement, built on the primary's correction, is with it."""
    primary, secondary = await claims.secondary_sent()
    answered = pays(secondary, *SECONDARY_PAYS)
    await claims.answered(remittance("TWO", answered), key="TWO-1")
    corrected = pays(primary, 10000, ("CO", "45", 7000), ("PR", "2", 5000), payer_claim_id="ONE-ICN-C")
    back = taken_back(pays(primary, *PRIMARY_PAYS))
    await claims.answered(remittance("ONE", back, corrected, trace="TRN-2"), key="ONE-2")
    (replacement,) = claims.sent
    assert replacement.frequency == "7"

    restated = pays(secondary, 2000, ("OA", "23", 19000), ("PR", "2", 1000), payer_claim_id="TWO-ICN-C")
    await claims.answered(remittance("TWO", taken_back(answered), restated, trace="TRN-3"), key="TWO-2")

    assert claims.who_is_awaited() == {"spouses": "being_replaced"}
