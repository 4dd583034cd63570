"""What operators do with claims: look, resend, write off, resolve, post, prove; on the real database."""

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from services.claims import measuring
from services.claims.app import SERVICE
from services.claims.claim.filing_deadline import PromptPay
from services.claims.commands import dry_run, late, proof, resend
from services.claims.commands import queue as queue_commands
from services.claims.commands import show as claim_story
from shared.commands.command import RefusedError
from shared.events.claims import ClaimAdjudicated, ClaimWrittenOff, CoordinationQuestioned
from shared.x12.document.interchange import read_file
from shared.x12.remittance_835.remittance import Remittance
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PRIMARY_PAYS,
    Claims,
    cleared,
    confirmed,
    paused,
    payer,
    pays,
    remittance,
    status,
    syntax,
    taken_back,
)

ACCEPTED = ("A2", "20", "PR")


async def _only_item(connection) -> str:
    (item,) = await queue_commands.listed(connection, None)
    return item["item"]


async def test_claims_are_listed_by_state_and_age(claims):
    await claims.passes(days=2)
    async with claims.sut.pool.acquire() as connection:
        today = claims.sut.clock.now.date()
        held = await claim_story.listed(connection, ["held"], 0, today)
        old = await claim_story.listed(connection, ["submitted", "held"], 3, today)
        young = await claim_story.listed(connection, ["submitted", "held"], 1, today)

    assert [(row["claim"], row["reason"], row["days"]) for row in held] == [
        ("SES-1/secondary", "prior_not_adjudicated", 2)
    ]
    assert old == []
    assert len(young) == 2


@pytest.mark.parametrize("name", ["SES-1-P", "ses1p", "SES-1/primary"])
async def test_a_claims_story_is_told_in_order(claims, name):
    (primary,), (value,) = claims.sent, claims.values
    await claims.answered(syntax(value), status(primary, ACCEPTED, number="ONE-1"))
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    async with claims.sut.pool.acquire() as connection:
        story = await claim_story.story(connection, name)

    assert [row["after"] for row in story["history"]][-3:] == ["submitted", "acknowledged", "adjudicated"]
    assert (story["state"], story["paid_cents"], story["patient_responsibility_cents"]) == ("adjudicated", 12000, 3000)
    text = claim_story.told(story)
    assert "paid 120.00, left to the client 30.00" in text
    assert "SES-1-P  frequency 1" in text


async def test_an_unknown_claim_is_refused(claims):
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await claim_story.story(connection, "NOBODYS-P")
    assert refused.value.document["reason"] == "unknown_claim"


async def test_a_claim_that_the_payer_says_it_never_got_is_sent_again(claims):
    async with claims.sut.pool.acquire() as connection:
        done = await resend.resend(connection, "SES-1-P", "the payer has no trace of it")
    await claims.after_a_command()

    assert (done["claim"], done["state"], done["sent"]) == ("SES-1-P2", "submitted", True)
    assert [(claim.id, claim.frequency) for claim in claims.sent] == [("SES-1-P2", "1")]


async def test_a_claim_is_not_sent_again_while_no_decision_before_it_stands(claims):
    paid = pays(claims.sent[0], *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    (secondary,) = claims.sent
    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-2"))

    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await resend.resend(connection, secondary.id, "the payer has no trace of it")

    assert refused.value.document["reason"] == "prior_not_adjudicated"


async def test_a_claim_that_waits_for_the_primary_is_not_sent_by_an_impatient_operator(claims):
    async with claims.sut.pool.acquire() as connection:
        done = await resend.resend(connection, "SES-1/secondary", "please")
    await claims.after_a_command()

    assert (done["state"], done["sent"], claims.sent) == ("held", False, [])


async def test_a_person_may_file_a_claim_of_a_paused_account_before_its_window_closes(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, payer("ONE", filing_limit_days=90), paused(), confirmed(), cleared(), COMPLETED)
    await claims.passes(days=80)
    assert await claims.queue() == ["filing_window_closing"]

    async with claims.sut.pool.acquire() as connection:
        held = await resend.resend(connection, "SES-1/primary", "the window closes")
        assert (held["state"], held["reason"], held["sent"]) == ("held", "account_paused", False)
        done = await resend.resend(connection, "SES-1/primary", "the window closes", regardless=True)
        assert (done["state"], done["sent"]) == ("submitted", True)
    await claims.after_a_command()

    assert [claim.id for claim in claims.sent] == ["SES-1-P"]
    assert await claims.queue() == []


async def test_a_claim_written_off_may_be_sent_where_the_payer_grants_an_exception(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, payer("ONE", filing_limit_days=90), paused(), confirmed(), cleared(), COMPLETED)
    await claims.passes(days=95)
    assert (await claims.states())["own"] == "written_off"

    async with claims.sut.pool.acquire() as connection:
        done = await resend.resend(connection, "SES-1/primary", "exception granted", regardless=True)

    assert (done["state"], done["sent"]) == ("submitted", True)
    assert await claims.queue() == []


async def test_a_claim_given_up_is_the_operators_loss_and_a_decided_one_is_not_given_up(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, 0, ("CO", "29", 22000), status="4")))
    async with claims.sut.pool.acquire() as connection:
        await resend.give_up(connection, "SES-1-P", "no proof of filing")
        await claims.after_a_command()
        assert claims.only(ClaimWrittenOff).reason == "given_up_by_operator"
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS), trace="TRN-3"))
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError):
            await resend.give_up(connection, "SES-1-P", "again")


async def test_a_claim_that_is_not_to_be_sent_is_not_given_up_so_that_the_client_pays_nothing(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, 15000, ("CO", "45", 7000))))
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await resend.give_up(connection, "SES-1/secondary", "please")
    await claims.after_a_command()

    assert refused.value.document["reason"] == "not_to_be_sent"
    assert [event for event in claims.published if isinstance(event, ClaimWrittenOff)] == []
    assert (await claims.states())["spouses"] == "withheld"


async def test_resolving_is_audited_and_done_once(claims):
    (primary,) = claims.sent
    await claims.answered(status(primary, ("A3", "9999", "")))
    async with claims.sut.pool.acquire() as connection:
        assert await measuring.waiting(connection) == {"rejected_review": 1}
        item = await _only_item(connection)
        done = await queue_commands.resolved(connection, item, "called the payer")
        with pytest.raises(RefusedError) as refused:
            await queue_commands.resolved(connection, item, "again")
        assert await queue_commands.listed(connection, None) == []
        (kept,) = await queue_commands.listed(connection, None, resolved=True)

    assert (done["why"], kept["why"], kept["resolved_by"] != "") == ("called the payer", "called the payer", True)
    assert refused.value.document["reason"] == "already_resolved"


async def test_a_person_posts_what_could_not_be_matched(claims):
    (primary,) = claims.sent
    stranger = replace(pays(primary, *PRIMARY_PAYS), id="X", payer_claim_id="?", patient=Party("ROE", "JO"))
    await claims.answered(remittance("ONE", stranger))
    async with claims.sut.pool.acquire() as connection:
        item = await _only_item(connection)
        await queue_commands.posted(connection, item, "SES-1", "primary", None, None)
    await claims.after_a_command()

    assert claims.only(ClaimAdjudicated).paid_cents == 12000
    assert await claims.queue() == []


async def test_an_unbalanced_remittance_is_posted_from_the_payers_corrected_file(claims, tmp_path):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, 12000, ("CO", "45", 6000), ("PR", "2", 3000))))
    fixed = tmp_path / "fixed.835"
    fixed.write_bytes(remittance("ONE", pays(primary, *PRIMARY_PAYS), trace="TRN-2"))
    async with claims.sut.pool.acquire() as connection:
        item = await _only_item(connection)
        await queue_commands.posted(connection, item, "SES-1", "primary", None, str(fixed))
    await claims.after_a_command()

    assert claims.only(ClaimAdjudicated).patient_responsibility_cents == 3000
    assert await claims.queue() == []


async def test_the_corrected_file_of_an_unreadable_interchange_is_taken_in(claims, tmp_path):
    (primary,) = claims.sent
    value = remittance("ONE", pays(primary, *PRIMARY_PAYS))
    await claims.answered(b"garbled" + value[200:])
    corrected = tmp_path / "corrected.835"
    corrected.write_bytes(value)
    async with claims.sut.pool.acquire() as connection:
        await queue_commands.taken_in(connection, await _only_item(connection), str(corrected))
    await claims.after_a_command()

    assert claims.only(ClaimAdjudicated).paid_cents == 12000
    assert await claims.queue() == []


async def test_an_unbalanced_remittance_is_not_posted_as_it_came_and_stays_in_the_queue(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, 12000, ("CO", "45", 6000), ("PR", "2", 3000))))
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await queue_commands.posted(connection, await _only_item(connection), "SES-1", "primary", None, None)
    await claims.after_a_command()

    assert refused.value.document["reason"] == "unbalanced"
    assert (claims.published, await claims.queue()) == ([], ["remittance_unbalanced"])


async def test_one_of_two_equal_payments_of_a_file_is_told_from_the_other_in_the_queue(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", *[pays(primary, *PRIMARY_PAYS)] * 2))
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await queue_commands.posted(connection, await _only_item(connection), "SES-1", "primary", None, None)

    assert refused.value.document["reason"] == "paid_twice"


UNKNOWN_CODE = (12000, ("CO", "9999", 7000), ("PR", "2", 3000))


@pytest.mark.parametrize(
    ("read_as", "sent", "asked"),
    [("ordinary", ["TWO"], []), ("not_covered", ["TWO"], []), ("other_plan_first", [], ["other_plan_first"])],
)
async def test_codes_that_nobody_has_seen_hold_the_next_claim_until_a_person_has_read_them(
    claims, read_as, sent, asked
):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *UNKNOWN_CODE)))
    assert claims.only(ClaimAdjudicated).paid_cents == 12000
    assert await claims.queue() == ["adjudicated_review"]
    async with claims.sut.pool.acquire() as connection:
        await queue_commands.resolved(connection, await _only_item(connection), "read it up", None, read_as)
    await claims.after_a_command()

    assert [claim.payer.id for claim in claims.sent] == sent
    assert [question.answer for question in claims.all(CoordinationQuestioned)] == asked
    assert await claims.queue() == []


async def test_codes_are_read_only_where_codes_are_the_question(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", replace(pays(primary, *PRIMARY_PAYS), remarks=("MA07",))))
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await queue_commands.resolved(connection, await _only_item(connection), "?", None, "ordinary")

    assert refused.value.document["reason"] == "not_about_codes"
    assert await claims.queue() == ["crossover_in_disagreement"]


@pytest.mark.parametrize(("said", "sent"), [("not-forwarded", ["TWO"]), ("forwarded", [])])
async def test_a_person_settles_whether_the_payer_forwarded_the_claim(claims, said, sent):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", replace(pays(primary, *PRIMARY_PAYS), remarks=("MA07",))))
    async with claims.sut.pool.acquire() as connection:
        await queue_commands.resolved(connection, await _only_item(connection), "the payer said so", said)
    await claims.after_a_command()

    assert [claim.payer.id for claim in claims.sent] == sent


async def test_a_dry_run_says_what_would_be_and_writes_nothing(claims):
    (primary,) = claims.sent
    before = [await claims.sut.pool.fetch(f"select * from {table}") for table in ("claims", "history", "outbox")]
    async with claims.sut.pool.acquire() as connection:
        said = await dry_run.tried(connection, remittance("ONE", pays(primary, *PRIMARY_PAYS)))
        denied = pays(primary, 0, ("CO", "22", 22000), status="4", remarks=("N197",))
        paused = await dry_run.tried(connection, remittance("ONE", denied))
    after = [await claims.sut.pool.fetch(f"select * from {table}") for table in ("claims", "history", "outbox")]

    assert before == after
    assert [(posting["control"], posting["paid_cents"]) for posting in said["postings"]] == [("SES-1-P", 12000)]
    assert [(claim["control"], claim["payer_id"]) for claim in said["sent"]] == [("SES-1-S", "TWO")]
    assert (said["pauses"], said["queue"], said["letters"]) == ([], [], [])
    assert [pause["codes"] for pause in paused["pauses"]] == [["4", "CO", "22", "N197"]]
    assert {letter["letter"] for letter in paused["letters"]} == {"coordination-issue", "provider-client-paused"}


async def test_a_dry_run_of_what_is_no_remittance_is_refused(claims):
    (value,) = claims.values
    async with claims.sut.pool.acquire() as connection:
        with pytest.raises(RefusedError):
            await dry_run.tried(connection, value)


async def test_the_proof_of_a_claim_holds_what_was_sent_and_said_and_no_other_patient(claims):
    (primary,), (value,) = claims.sent, claims.values
    await claims.answered(syntax(value), status(primary, ACCEPTED, number="ONE-1"))
    other = replace(pays(primary, *PRIMARY_PAYS), id="OTHER-P", payer_claim_id="ONE-9", patient=Party("ROE", "JO"))
    await claims.answered(remittance("ONE", other, pays(primary, *PRIMARY_PAYS)))

    async with claims.sut.pool.acquire() as connection:
        packed, _ = await proof.pack(connection, "SES-1-P")

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name) for name in names}
    assert names[:2] == ["claim.txt", "manifest.json"]
    kinds = sorted(name.split("-", 1)[1] for name in names[2:])
    assert kinds == ["received-277CA.edi", "received-835.edi", "received-999.edi", "sent-837.edi"]
    remitted = next(text for name, text in texts.items() if name.endswith("-835.edi"))
    assert b"ROE" not in remitted
    (kept,) = [
        transaction.content
        for interchange in read_file(remitted).interchanges
        for transaction in interchange.transactions
    ]
    assert isinstance(kept, Remittance)
    assert [claim.id for claim in kept.claims] == ["SES-1-P"]
    assert len(json.loads(texts["manifest.json"])["files"]) == 4


async def test_late_payers_are_listed_and_silent_ones_apart(claims):
    day = claims.sut.clock.now.date()
    async with claims.sut.pool.acquire() as connection:
        assert await late.late(connection, PromptPay(), day + timedelta(days=30)) == []
        (overdue,) = await late.late(connection, PromptPay(), day + timedelta(days=31))
        (silent,) = await late.late(connection, PromptPay(), day + timedelta(days=46))

    assert ([claim["claim"] for claim in overdue["overdue"]], overdue["silent"]) == (["SES-1-P"], [])
    assert (silent["overdue"], [payer["days"] for payer in silent["silent"]]) == ([], [46])


async def test_a_key_under_which_nothing_waits_cannot_be_released(claims):
    released = _command(claims.sut.dsn, "release", "nobody")
    too_long = _command(claims.sut.dsn, "release", "nobody", "--why", "x" * 501)
    empty = _command(claims.sut.dsn, "release", "nobody", "--why", "")

    assert (released.returncode, json.loads(released.stdout)["reason"]) == (1, "nothing_parked")
    assert [(refused.returncode, refused.stderr.count("\n")) for refused in (too_long, empty)] == [(2, 1), (2, 1)]


def _command(dsn: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL_CLAIMS": dsn}
    return subprocess.run(
        [sys.executable, "-m", "services.claims", *words], capture_output=True, text=True, env=environment, check=False
    )


async def test_the_commands_speak_to_the_database_that_the_environment_names(claims):
    shown = _command(claims.sut.dsn, "show", "SES-1-P")
    unknown = _command(claims.sut.dsn, "show", "X")
    wrong = _command(claims.sut.dsn, "list", "--state", "lost")
    nowhere = _command("postgresql://nobody@127.0.0.1:1/none", "queue", "list")

    assert shown.stdout.startswith("SES-1-P  primary claim of session SES-1")
    assert (unknown.returncode, json.loads(unknown.stdout)["reason"]) == (1, "unknown_claim")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (2, 1)
