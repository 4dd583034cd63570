"""The operators' commands on a real database: a session's T-accounts, the trial balance, what is late, what is open."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from services.settlement.__main__ import COMMANDS
from services.settlement.acts.reviewing import review_evidence_once
from services.settlement.app import SERVICE
from services.settlement.store import session_of
from shared.commands.command import main
from shared.events.settlement import PayoutPaid
from shared.runtime.consume import finish
from shared.runtime.transaction import Transaction
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    cleared,
    paid,
    rate,
)


@pytest.fixture
async def settlement(service_under_test: Any, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    sut = await service_under_test(SERVICE)
    monkeypatch.setenv("DATABASE_URL_SETTLEMENT", sut.dsn)
    await sut.given(RATE)
    return sut


async def command(capsys: Any, *words: str) -> tuple[int, Any, str]:
    """The command's exit code, its document (or text), and what it says to people."""

    def called() -> int:
        with pytest.raises(SystemExit) as ended:
            main("services.settlement", COMMANDS, list(words))
        return int(ended.value.code or 0)

    code = await asyncio.to_thread(called)
    out, err = capsys.readouterr()
    return code, json.loads(out) if out.startswith(("{", "[")) else out, err


async def test_show_has_the_session_its_entries_and_its_t_accounts(settlement: ServiceUnderTest, capsys: Any):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)

    code, shown, _ = await command(capsys, "show", "s")

    assert (code, shown["final_cost_cents"], shown["client_paid_cents"], shown["refunded_cents"]) == (
        0,
        600,
        3000,
        2400,
    )
    assert shown["entries"][0]["postings"] == [{"debit": "client_receivable", "credit": "client_credit", "cents": 3000}]
    assert (sum(shown["balances_cents"].values()), shown["balances_cents"]["refund_payable"]) == (0, -2400)
    assert shown["payout"] == {"pay_on": "2026-03-31", "scheduled_cents": 15000, "paid_out_cents": 0}
    assert "refund_payable" in shown["text"]
    code, text, _ = await command(capsys, "show", "s", "--text")
    assert (code, text.strip()) == (0, shown["text"].strip())


async def test_show_refuses_a_session_that_is_not_known(settlement: ServiceUnderTest, capsys: Any):
    code, shown, _ = await command(capsys, "show", "nobody's")

    assert (code, shown["reason"]) == (1, "unknown_session")


async def test_the_trial_balance_balances_now_and_at_a_past_moment(settlement: ServiceUnderTest, capsys: Any):
    await settlement.given(cleared(), paid(3000))
    await settlement.passes(days=1)
    await settlement.given(COMPLETED, PRIMARY)

    _, now, _ = await command(capsys, "trial-balance")
    _, then, _ = await command(capsys, "trial-balance", "--at", "2026-03-02")
    _, before, _ = await command(capsys, "trial-balance", "--at", "2026-03-02T08:00Z")

    assert {row["account"]: row["balance_cents"] for row in then["accounts"]} == {
        "cash": 3000,
        "client_credit": -3000,
        "client_receivable": 0,
    }
    assert (now["balanced"], now["debit_cents"] > then["debit_cents"], before["accounts"]) == (True, True, [])


async def test_overdue_lists_what_waits_the_longest_first_and_whose_answer(settlement: ServiceUnderTest, capsys: Any):
    later = {"client_id": "d", "session_id": "t"}
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY)
    await settlement.passes(days=20)
    await settlement.given(cleared(**later, confirmed_on="2026-03-22"), COMPLETED.model_copy(update=later))
    await settlement.given(cleared(client_id="e", session_id="never-took-place"))
    await settlement.passes(days=75)

    code, overdue, _ = await command(capsys, "overdue")
    _, early, _ = await command(capsys, "overdue", "--from-day", "90")

    assert code == 0
    assert [
        (session["session_id"], session["day"], session["awaited_payer_id"], session["on_day_90"])
        for session in overdue
    ] == [
        ("s", 95, "TWO", True),
        ("t", 75, "ONE", False),
    ]
    assert [session["session_id"] for session in early] == ["s"]


async def test_reviews_say_what_waits_for_a_person(settlement: ServiceUnderTest, capsys: Any):
    await settlement.given(paid(1, "nobody-asked"))
    await settlement.passes(days=2)

    code, listed, _ = await command(capsys, "reviews")
    _, none, _ = await command(capsys, "reviews", "--days", "1")

    assert code == 0
    assert [(review["reason"], review["evidence"], review["age_days"]) for review in listed["reviews"]] == [
        ("answer_without_request", "nobody-asked", 2)
    ]
    assert (none["reviews"], listed["payments"], listed["stopped"]) == ([], [], [])


async def test_a_review_is_closed_once_with_who_and_why_and_leaves_the_list(
    settlement: ServiceUnderTest, capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.settlement.commands.reviews.operator", lambda: "ann")
    await settlement.given(paid(1, "nobody-asked"))
    _, waiting, _ = await command(capsys, "reviews", "list")
    name = waiting["reviews"][0]["review"]

    shown, first, _ = await command(capsys, "reviews", "show", name)
    done, ended, _ = await command(capsys, "reviews", "close", name, "--why", "it was a test charge")
    twice, refused, _ = await command(capsys, "reviews", "close", name, "--why", "again")
    _, none, _ = await command(capsys, "reviews")
    _, everything, _ = await command(capsys, "reviews", "list", "--closed")

    assert (shown, first["reason"], first["others"]) == (0, "answer_without_request", [])
    assert (done, ended["closed_by"], ended["closed_why"]) == (0, "ann", "it was a test charge")
    assert (twice, refused["reason"]) == (1, "already_closed")
    assert none["reviews"] == []
    assert [(review["review"], review["closed_why"]) for review in everything["reviews"]] == [
        (name, "it was a test charge")
    ]


async def test_a_review_that_is_not_known_or_closed_without_a_reason_is_refused(
    settlement: ServiceUnderTest, capsys: Any
):
    unknown, refusal, _ = await command(capsys, "reviews", "close", "review-0", "--why", "done")
    silent, _, said = await command(capsys, "reviews", "close", "review-0", "--why", " ")

    assert (unknown, refusal["reason"]) == (1, "unknown_review")
    assert (silent, "--why" in said, said.count("\n")) == (2, True, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trial-balance", "--at", "yesterday"], "--at: 'yesterday' is no date or time"),
        (["trial-balance", "--at", "2026-02-30"], "--at: '2026-02-30' is no date or time"),
        (["show"], "the following arguments are required: SESSION"),
        (["overdue", "--from-day", "soon"], "invalid int value: 'soon'"),
    ],
    ids=["no moment", "30 February", "no session", "no number"],
)
async def test_a_wrong_use_is_one_clear_line(settlement: ServiceUnderTest, capsys: Any, words: list[str], said: str):
    code, out, err = await command(capsys, *words)

    assert (code, out, said in err, err.count("\n")) == (2, "", True, 1)


@pytest.mark.parametrize("url", [None, "postgresql://nobody@127.0.0.1:1/nothing", "no address"])
def test_without_a_database_a_command_says_so(url: str | None):
    environment = {} if url is None else {"DATABASE_URL_SETTLEMENT": url}
    ended = subprocess.run(
        [sys.executable, "-m", "services.settlement", "reviews"], env=environment, capture_output=True, text=True
    )

    assert (ended.returncode, "DATABASE_URL_SETTLEMENT" in ended.stderr, ended.stderr.count("\n")) == (2, True, 1)


@pytest.mark.parametrize(("rate_of", "more"), [("directory", [1000]), ("booked", [])])
async def test_a_person_decides_which_rate_holds(
    settlement: ServiceUnderTest, capsys: Any, monkeypatch: pytest.MonkeyPatch, rate_of: str, more: list[int]
):
    monkeypatch.setenv("OPERATOR", "lee")
    await settlement.given(cleared(), paid(3000), COMPLETED)
    await settlement.passes(days=31)
    await settlement.given(rate(16000))
    async with settlement.pool.acquire() as connection:
        tx = Transaction(connection, "settlement", settlement.clock.now)
        session = await session_of(tx, "c", "s")
        review_evidence_once(tx, session, "rate_differs", "agreed 16000, in the books 15000")
        await finish(tx)
    (review,) = await settlement.pool.fetch("select review_id from reviews where reason = 'rate_differs'")

    why = ("--why", "the contract of May", "--rate", rate_of)
    code, closed, _ = await command(capsys, "reviews", "decide", review["review_id"], *why)

    assert (code, closed["closed_by"]) == (0, "lee")
    await settlement.passes(days=2)
    assert [event.amount_cents for event in settlement.all(PayoutPaid)] == more
    assert (await command(capsys, "reviews", "decide", review["review_id"], *why))[0] == 1
