"""`late`: which payers are late with their answer (prompt pay), and which say nothing at all."""

import argparse
from datetime import date
from typing import Any

from services.claims.claim.claim_state import State
from services.claims.claim.filing_deadline import Payment, PromptPay, prompt_pay
from services.claims.claim.level import level_name
from services.claims.claim.tables import CLAIMS, Claim
from services.claims.commands.operator_session import answer, name_of
from shared import clock
from shared.database.postgres import Connection

_WAITING = (State.SUBMITTED, State.ACKNOWLEDGED, State.PENDING)
_MOST = 5000


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    usual = PromptPay()
    parser.add_argument("--overdue-days", type=int, default=usual.overdue_days, metavar="DAYS")
    parser.add_argument("--silent-days", type=int, default=usual.silent_days, metavar="DAYS")


def run(arguments: argparse.Namespace) -> Any:
    """Late claims by payer: `overdue` (interest may be due) and `silent` (to be escalated)."""
    limits = PromptPay(arguments.overdue_days, arguments.silent_days)
    return answer(lambda connection: late(connection, limits, clock.today()))


async def late(connection: Connection, limits: PromptPay, today: date) -> list[dict[str, Any]]:
    """One entry for each payer with claims that it has had for longer than the law allows, the worst first."""
    rows = await connection.fetch(
        f"{CLAIMS.select} where state = any($1::text[]) and sent_on < $2 order by sent_on limit $3",
        list(_WAITING),
        today,
        _MOST,
    )
    by_payer: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for claim in map(CLAIMS.from_record, rows):
        assert claim.sent_on is not None
        standing = prompt_pay(limits, claim.sent_on, None, today)
        if standing is not Payment.IN_TIME:
            of_payer = by_payer.setdefault(claim.payer_id, {Payment.OVERDUE.value: [], Payment.SILENT.value: []})
            of_payer[standing.value].append(_entry(claim, today))
    listed = [{"payer_id": payer_id, **of_payer} for payer_id, of_payer in by_payer.items()]
    return sorted(listed, key=lambda entry: (-len(entry["silent"]), -len(entry["overdue"]), entry["payer_id"]))


def _entry(claim: Claim, today: date) -> dict[str, Any]:
    assert claim.sent_on is not None
    return {
        "claim": name_of(claim),
        "level": level_name(claim.level),
        "state": claim.state.value,
        "sent_on": claim.sent_on.isoformat(),
        "days": (today - claim.sent_on).days,
        "asked": claim.asked,
        "charge_cents": claim.charge_cents,
    }
