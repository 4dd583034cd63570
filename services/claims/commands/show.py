"""`show CLAIM` and `list`: where claims stand and how they got there, for a person to read."""

import argparse
from datetime import date, timedelta
from typing import Any

from services.claims.claim.claim_state import MEANING, State
from services.claims.claim.level import level_name
from services.claims.claim.posted_remittance import Posting, standing_postings, totals
from services.claims.claim.tables import CLAIMS, HISTORY, Claim, HistoryRow
from services.claims.commands.operator_session import answer, claim_named, name_of, submissions
from shared import clock
from shared.commands.command import UnreadableInputError
from shared.commands.operator_session import plain
from shared.database.postgres import Connection
from shared.money import dollars
from shared.runtime.rows import fetch

_MOST = 1000


def set_up_list(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `list`."""
    parser.add_argument("--state", metavar="STATE", action="append", help="only claims in this state; may be repeated")
    parser.add_argument("--older-than", metavar="DAYS", type=_days, default=0, help="unchanged for more than DAYS days")
    parser.add_argument("--payer", metavar="PAYER_ID", help="only claims to this payer")


def _days(text: str) -> int:
    number = text.removesuffix("d")
    if not number.isdecimal() or int(number) > 36_500:
        raise argparse.ArgumentTypeError("write a number of days, such as 30")
    return int(number)


def run_list(arguments: argparse.Namespace) -> Any:
    """The claims in some states that nothing has happened to for some days, the oldest first; at most 1000.

    Raises UnreadableInputError: no such state.
    """
    states = [state.lower() for state in arguments.state or State]
    unknown = sorted(set(states) - {state.value for state in State})
    if unknown:
        raise UnreadableInputError(f"no state {unknown[0]}: {', '.join(State)}")
    return answer(lambda connection: listed(connection, states, arguments.older_than, clock.today(), arguments.payer))


_LISTED = """
select c.*, h.at::date as since from claims c
join lateral (select at from history h where (h.client_id, h.session_id, h.role) = (c.client_id, c.session_id, c.role)
              order by number desc limit 1) h on true
where c.state = any($1::text[]) and h.at < $2 and ($3::text is null or c.payer_id = $3)
order by h.at, c.session_id, c.role limit $4
"""


async def listed(
    connection: Connection, states: list[str], older_than: int, today: date, payer_id: str | None = None
) -> list[dict[str, Any]]:
    """Claims in `states` whose last change is more than `older_than` days ago."""
    before = today - timedelta(days=older_than - 1)
    rows = await connection.fetch(_LISTED, states, _midnight(before), payer_id, _MOST)
    return [_entry(CLAIMS.from_record(_columns(row)), row["since"], today) for row in rows]


def _midnight(day: date) -> Any:
    from datetime import UTC, datetime, time

    return datetime.combine(day, time(), UTC)


def _columns(row: Any) -> Any:
    return {column: row[column] for column in CLAIMS.columns}


def _entry(claim: Claim, since: date, today: date) -> dict[str, Any]:
    return {
        "claim": name_of(claim),
        "client_id": claim.client_id,
        "session_id": claim.session_id,
        "level": level_name(claim.level),
        "payer_id": claim.payer_id,
        "state": claim.state.value,
        "reason": claim.reason,
        "answer": claim.answer,
        "since": since.isoformat(),
        "days": (today - since).days,
        "charge_cents": claim.charge_cents,
    }


def set_up_show(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `show`."""
    parser.add_argument("claim", metavar="CLAIM", help="a control number, or SESSION/LEVEL")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run_show(arguments: argparse.Namespace) -> Any:
    """The whole story of one claim, as text or as JSON. Raises UnknownClaimError."""
    whole_story = answer(lambda connection: story(connection, arguments.claim))
    return whole_story if arguments.json else told(whole_story)


async def _history(connection: Connection, claim: Claim) -> list[HistoryRow]:
    where = "client_id = $1 and session_id = $2 and role = $3"
    key = (claim.client_id, claim.session_id, claim.level)
    return await fetch(connection, HISTORY, f"where {where} order by number", *key)


async def story(connection: Connection, name: str) -> dict[str, Any]:
    """Everything that is known about one claim. Raises UnknownClaimError."""
    claim = await claim_named(connection, name)
    key = (claim.client_id, claim.session_id)
    queue = await connection.fetch(
        "select item_id, reason, suggestion, opened_at, resolved_at, resolved_by, resolved_why from work_queue"
        " where client_id = $1 and session_id = $2 order by opened_at",
        *key,
    )
    money = await connection.fetch(
        "select movement, reason, reference, amount_cents, trace, received_on from provider_adjustments"
        " where client_id = $1 and session_id = $2 and role = $3 order by received_on",
        *key,
        claim.level,
    )
    subject = claim.subject
    timers = await connection.fetch(
        "select name, due_at from timers where client_id = $1 and subject in ($2, $3) order by due_at",
        claim.client_id,
        claim.session_id,
        subject,
    )
    standing = {posting.identity for posting in standing_postings(claim.postings)}
    now = totals(claim.postings)
    return {
        "claim": name_of(claim),
        "client_id": claim.client_id,
        "session_id": claim.session_id,
        "level": level_name(claim.level),
        "plan_id": claim.plan_id,
        "payer_id": claim.payer_id,
        "state": claim.state.value,
        "meaning": MEANING[claim.state],
        "reason": claim.reason,
        "answer": claim.answer,
        "service_on": claim.service_on.isoformat(),
        "charge_cents": claim.charge_cents,
        "paid_cents": now.paid_cents,
        "patient_responsibility_cents": now.patient_responsibility_cents,
        "payer_claim_id": claim.payer_claim_id,
        "complete": claim.complete,
        "crossover": claim.crossover,
        "submissions": [
            {"control": row.control, "frequency": row.frequency, "interchange": f"{row.interchange:09}"}
            for row in await submissions(connection, claim)
        ],
        "history": [
            {
                "at": row.at.isoformat(),
                "before": row.before,
                "cause": row.cause,
                "after": row.after,
                "arrival": row.arrival,
                "detail": row.detail,
                "message_id": row.message_id,
            }
            for row in await _history(connection, claim)
        ],
        "postings": [_posting(posting, posting.identity in standing) for posting in claim.postings],
        "outside_claims": [{name: plain(value) for name, value in row.items()} for row in money],
        "queue": [{name: plain(value) for name, value in row.items()} for row in queue],
        "next": [{"timer": row["name"], "due_at": row["due_at"].isoformat()} for row in timers],
    }


def _posting(posting: Posting, stands: bool) -> dict[str, Any]:
    return {
        "posting": posting.identity,
        "payer_claim_id": posting.payer_claim_id,
        "claim_status": posting.status,
        "answer": posting.answer.value,
        "decides_benefits": posting.decided,
        "charge_cents": posting.charge_cents,
        "paid_cents": posting.paid_cents,
        "patient_responsibility_cents": posting.patient_responsibility_cents,
        "reverses": posting.reverses,
        "also_reverses": list(posting.also_reverses),
        "stands": stands,
    }


def told(claim: dict[str, Any]) -> str:
    """A claim's story as text."""
    lines = [
        f"{claim['claim']}  {claim['level']} claim of session {claim['session_id']}, client {claim['client_id']}",
        f"payer {claim['payer_id']}, plan {claim['plan_id']}, service on {claim['service_on']},"
        f" charge {dollars(claim['charge_cents'])}",
        f"state {claim['state']}: {claim['meaning']}" + (f" ({claim['reason']})" if claim["reason"] else ""),
        f"paid {dollars(claim['paid_cents'])}, left to the client {dollars(claim['patient_responsibility_cents'])},"
        f" payer's number {claim['payer_claim_id'] or 'not known'}, crossover {claim['crossover']}",
    ]
    lines += _section("sent", [f"{row['control']}  frequency {row['frequency']}" for row in claim["submissions"]])
    lines += _section("what happened", [_change(row) for row in claim["history"]])
    lines += _section("what the payer decided", [_decided(row) for row in claim["postings"]])
    lines += _section(
        "money outside claims",
        [
            f"{row['received_on']}  {row['movement']} {dollars(-row['amount_cents'])}  {row['reference']}"
            for row in claim["outside_claims"]
        ],
    )
    lines += _section("for a person", [_item(row) for row in claim["queue"]])
    lines += _section("what falls due", [f"{row['due_at'][:16]}  {row['timer']}" for row in claim["next"]])
    return "\n".join(lines)


def _section(title: str, rows: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {row}" for row in rows)] if rows else []


def _change(row: dict[str, Any]) -> str:
    moved = f"{row['before'] or 'new'} -> {row['after']}" if row["before"] != row["after"] else row["after"]
    late = "" if row["arrival"] == "moved" else f" [{row['arrival']}]"
    return f"{row['at'][:16]}  {row['cause']}: {moved}{late}  {row['detail']}".rstrip()


def _decided(row: dict[str, Any]) -> str:
    kind = "reversal" if row["reverses"] else row["answer"]
    stands = "" if row["stands"] or row["reverses"] else ", taken back"
    patient = dollars(row["patient_responsibility_cents"])
    return f"CLP02 {row['claim_status']}  paid {dollars(row['paid_cents'])}, patient {patient}  {kind}{stands}"


def _item(row: dict[str, Any]) -> str:
    done = f" -- resolved by {row['resolved_by']}: {row['resolved_why']}" if row["resolved_at"] else ""
    return f"{row['opened_at'][:10]}  {row['reason']}: {row['suggestion']}{done}  ({row['item_id']})"
