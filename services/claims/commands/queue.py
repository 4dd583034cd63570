"""`queue list|show|resolve|post`: what waits for a person. Resolving is audited; money is posted as it came."""

import argparse
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from services.claims.acknowledgments.questioning_coordination import question
from services.claims.claim.control_number import key
from services.claims.claim.level import LEVELS, level_number
from services.claims.claim.posted_remittance import Ignore, Queue
from services.claims.claim.statements import CLAIM, HEADER, as_stated, dump
from services.claims.claim.store import claims_before, save_claim, session_of
from services.claims.claim.tables import CLAIMS, WORK_QUEUE, Claim, QueueItem, Session
from services.claims.claim.work_queue import UNREPLACEABLE
from services.claims.codes.classification import Classification
from services.claims.codes.crossover import Crossover
from services.claims.codes.payer_codes import AnswerClass
from services.claims.commands.operator_session import acting, answer
from services.claims.filing.advancing import advance
from services.claims.filing.watching import ADJUDICATED_REVIEW
from services.claims.interchanges.receiving import on_interchange
from services.claims.remittances.judging import judge
from services.claims.remittances.matched_claim import matched
from shared import clock
from shared.commands.command import UnreadableInputError, read_bytes, reason, refused
from shared.commands.operator_session import operator, plain
from shared.database.postgres import Connection
from shared.events.claims import RemittanceReceived
from shared.runtime.interchange import Interchange
from shared.runtime.rows import fetch
from shared.runtime.transaction import Transaction
from shared.x12.document.interchange import read_file
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim

_MOST = 1000
_READ_AS = (
    AnswerClass.ORDINARY,
    AnswerClass.NOT_COVERED,
    AnswerClass.CLIENT_MUST_CALL,
    AnswerClass.OTHER_PLAN_FIRST,
)


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    words = parser.add_subparsers(dest="word", required=True, metavar="list|show|resolve|post")
    listed = words.add_parser("list", help="what waits, the oldest first")
    listed.add_argument("--reason", help="only this reason")
    listed.add_argument("--resolved", action="store_true", help="what was resolved too")
    words.add_parser("show", help="one item with its evidence").add_argument("item", metavar="ITEM")
    resolve = words.add_parser("resolve", help="take an item off the queue")
    resolve.add_argument("item", metavar="ITEM")
    resolve.add_argument("--why", required=True, help="what was done about it, for the audit")
    choices = {"forwarded": "the payer did forward the claim", "not-forwarded": "it did not: bill the next payer"}
    resolve.add_argument("--crossover", choices=sorted(choices), help="; ".join(map(": ".join, choices.items())))
    read = "what the payer's unknown codes mean, once a person has read them"
    resolve.add_argument("--answer", choices=[reading.value for reading in _READ_AS], help=read)
    post = words.add_parser("post", help="post a queued remittance to a claim, or an unreadable one's corrected file")
    post.add_argument("item", metavar="ITEM")
    post.add_argument("--session", metavar="SESSION_ID", help="the session whose claim it is about")
    post.add_argument("--level", choices=LEVELS, default=LEVELS[0])
    post.add_argument("--client", metavar="CLIENT_ID", help="where several clients have such a session")
    post.add_argument("--file", metavar="FILE.835", help="the payer's corrected 835, in place of what came")


def run(arguments: argparse.Namespace) -> Any:
    """The document of one of the words. Raises RefusedError, UnreadableInputError."""
    match arguments.word:
        case "list":
            return answer(lambda connection: listed(connection, arguments.reason, resolved=arguments.resolved))
        case "show":
            return answer(lambda connection: shown(connection, arguments.item))
        case "resolve":
            said = (arguments.item, arguments.why, arguments.crossover, arguments.answer)
            return answer(lambda connection: resolved(connection, *said))
        case _ if arguments.session is None:
            return answer(lambda connection: taken_in(connection, arguments.item, arguments.file))
        case _:
            return answer(
                lambda connection: posted(
                    connection, arguments.item, arguments.session, arguments.level, arguments.client, arguments.file
                )
            )


async def listed(connection: Connection, reason: str | None, *, resolved: bool = False) -> list[dict[str, Any]]:
    """The items that wait, the oldest first, without their evidence."""
    where = "where ($1::text is null or reason = $1) and ($2 or resolved_at is null)"
    items = await fetch(
        connection, WORK_QUEUE, f"{where} order by opened_at, item_id limit $3", reason, resolved, _MOST
    )
    return [_entry(item, clock.today()) for item in items]


def _entry(item: QueueItem, today: date) -> dict[str, Any]:
    return {
        "item": item.item_id,
        "reason": item.reason,
        "client_id": item.client_id or None,
        "session_id": item.session_id,
        "suggestion": item.suggestion,
        "opened_at": item.opened_at.isoformat(),
        "days": (today - item.opened_at.date()).days,
        **(
            {"resolved_at": plain(item.resolved_at), "resolved_by": item.resolved_by, "why": item.resolved_why}
            if item.resolved_at
            else {}
        ),
    }


async def _item(connection: Connection, name: str) -> QueueItem:
    items = await fetch(connection, WORK_QUEUE, "where item_id = $1", name)
    if not items:
        raise refused("unknown_item", f"nothing in the work queue is called {name}")
    return items[0]


async def shown(connection: Connection, name: str) -> dict[str, Any]:
    """One item with its evidence. Raises RefusedError: there is none of this name."""
    item = await _item(connection, name)
    return _entry(item, clock.today()) | {"evidence": item.evidence}


async def resolved(
    connection: Connection, name: str, why: str, crossover: str | None = None, read_as: str | None = None
) -> dict[str, Any]:
    """Take an item off the queue, with who and why.

    `crossover` settles whether a payer forwarded its claim, `read_as` what a posted answer with unknown codes means.
    Raises RefusedError: there is none of this name, or it was resolved before.
    """
    why = reason(why, "say what was done about it")
    item = await _item(connection, name)
    async with acting(connection, item.client_id, fact=f"resolve:{name}") as tx:
        item = await _close(tx, item, why)
        if crossover is not None:
            await _settle_crossover(tx, item, crossover)
        if read_as is not None:
            await _settle_answer(tx, item, AnswerClass(read_as))
        if item.reason in UNREPLACEABLE:
            await _let_stand(tx, item)
    return _entry(item, clock.today())


async def _close(tx: Transaction, item: QueueItem, why: str) -> QueueItem:
    fresh = await tx.one(WORK_QUEUE, item.client_id, item.item_id)
    if fresh is None or fresh.resolved_at is not None:
        said = "" if fresh is None else f" by {fresh.resolved_by}: {fresh.resolved_why}"
        raise refused("already_resolved", f"{item.item_id} was resolved{said}")
    closed = replace(fresh, resolved_at=tx.now, resolved_by=operator(), resolved_why=why)
    tx.save(WORK_QUEUE, closed)
    return closed


async def _settle_crossover(tx: Transaction, item: QueueItem, crossover: str) -> None:
    """The payer has said whether it forwarded the claim: the next claim waits for the other 835, or goes."""
    session, claim = await _claim_of(tx, item, "crossover_in_disagreement", "not_about_crossover")
    said = Crossover.FORWARDED if crossover == "forwarded" else Crossover.NOT_FORWARDED
    forwarded_on = tx.today if said is Crossover.FORWARDED else None
    save_claim(tx, replace(claim, crossover=said.value, forwarded_on=forwarded_on))
    await advance(tx, session)


async def _let_stand(tx: Transaction, item: QueueItem) -> None:
    """No replacement goes: the payer's decision stands as it is, and its figures settle the cost."""
    session, claim = await _claim_of(tx, item, item.reason, "not_about_a_claim")
    before = [earlier for earlier in await claims_before(tx, session, claim) if earlier.postings]
    stands = claim.telling_of(before[-1] if before else None)
    save_claim(tx, replace(stands, details_corrected=False))
    await advance(tx, session)


async def _settle_answer(tx: Transaction, item: QueueItem, read_as: AnswerClass) -> None:
    """A person has read the codes: the next claim goes, or coverage hears what they say of the order."""
    session, claim = await _claim_of(tx, item, ADJUDICATED_REVIEW, "not_about_codes")
    if claim.answer != AnswerClass.REVIEW.value:
        raise refused("not_about_codes", f"the payer's last answer was read as {claim.answer} since")
    claim = replace(claim, answer=read_as.value)
    save_claim(tx, claim)
    if read_as in (AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST):
        question(
            tx,
            session,
            claim,
            Classification(read_as, item.resolved_why or "", (), (), settles=True, this_payer_says=None),
        )
    await advance(tx, session)


async def _claim_of(tx: Transaction, item: QueueItem, about: str, refusal: str) -> tuple[Session, Claim]:
    if item.reason != about or item.session_id is None:
        raise refused(refusal, f"{item.item_id} is about {item.reason}")
    level = item.evidence.get("level", LEVELS[0])
    claim = await tx.one(CLAIMS, item.client_id, item.session_id, level_number(level))
    if claim is None:
        raise refused("unknown_claim", f"session {item.session_id} has no {level} claim")
    return await session_of(tx, item.client_id, item.session_id), claim


async def posted(
    connection: Connection, name: str, session_id: str, level: str, client_id: str | None, file: str | None
) -> dict[str, Any]:
    """Post a queued remittance, or the payer's corrected one in `file`, to a claim; the item is resolved by it.

    The service posts it by the same rules, so what these would only queue again is refused, and the item stays.
    Raises RefusedError: no such item, session or claim, no remittance in it, or the rules do not let it be posted.
    """
    item = await _item(connection, name)
    if "claim" not in item.evidence or "header" not in item.evidence:
        raise refused("no_remittance", f"{name} ({item.reason}) holds no remitted claim")
    remitted, header = CLAIM.validate_python(item.evidence["claim"]), HEADER.validate_python(item.evidence["header"])
    if file is not None:
        remitted, header = _corrected(file, remitted)
    client = await _client(connection, session_id, client_id or item.client_id or None)
    async with acting(connection, item.client_id, client, fact=f"post:{name}") as tx:
        claim = await tx.one(CLAIMS, client, session_id, level_number(level))  # type: ignore[arg-type]
        if claim is None:
            raise refused("unknown_claim", f"session {session_id} has no {level} claim")
        await _close(tx, item, f"posted to {session_id}/{level}")
        event = RemittanceReceived.model_validate(
            {
                "client_id": client,
                "session_id": session_id,
                "level": level,
                "match": "person",
                "payer_id": claim.payer_id,
                "occurrence": 0 if file is not None else item.evidence.get("occurrence", 0),
                "received_on": tx.today,
                "claim": as_stated(remitted),
                "header": dump(HEADER, header),
            }
        )
        await _check_it_is_posted(tx, event)
        tx.publish(event)
    return {"item": name, "posted_to": {"client_id": client, "session_id": session_id, "level": level}}


async def _check_it_is_posted(tx: Transaction, event: RemittanceReceived) -> None:
    judged = await judge(matched(event, tx), tx)
    if judged is None:
        said = f"we never sent the {event.level} claim of {event.session_id}"
        raise refused("remittance_of_unsent_claim", said)
    match judged.outcome:
        case Queue(reason, why):
            mend = "name the payer's corrected 835 with --file, or resolve it with --why"
            raise refused(reason.value, f"{why}: {mend}")
        case Ignore(why):
            raise refused("nothing_to_post", f"{why}: resolve it with --why")
        case _:
            return


async def taken_in(connection: Connection, name: str, file: str | None) -> dict[str, Any]:
    """Take in the corrected file of an interchange that could not be read, as if it had come from the payer.

    Raises RefusedError: the item is about something else; UnreadableInputError: no file is named.
    """
    item = await _item(connection, name)
    if item.reason != "unreadable_interchange":
        raise refused("session_missing", f"{name} is about a claim: name it with --session and --level")
    if file is None:
        raise UnreadableInputError("--file is missing: the interchange as it should have come")
    value = read_bytes(file)
    identity = sha256(value).hexdigest()
    async with acting(connection, item.client_id, fact=f"post:{name}") as tx:
        await _close(tx, item, f"corrected file {identity[:12]}")
        await on_interchange(Interchange(f"corrected-{identity[:9]}", identity, value), tx)
    return {"item": name, "taken_in": identity}


def _corrected(file: str, remitted: RemittedClaim) -> tuple[RemittedClaim, RemittanceHeader]:
    """The same claim in the payer's corrected 835."""
    sets = [
        transaction.content
        for interchange in read_file(read_bytes(file)).interchanges
        for transaction in interchange.transactions
    ]
    claims = [
        (claim, content.header)
        for content in sets
        if isinstance(content, Remittance)
        for claim in content.claims
        if key(claim.id) == key(remitted.id)
    ]
    if len(claims) != 1:
        raise refused("not_in_file", f"{file} has {len(claims)} claims with this number")
    return claims[0]


async def _client(connection: Connection, session_id: str, client_id: str | None) -> str:
    rows = await connection.fetch(
        "select client_id from sessions where session_id = $1 and ($2::text is null or client_id = $2)",
        session_id,
        client_id,
    )
    if len(rows) != 1:
        detail = f"{len(rows)} clients have a session {session_id}" + ("" if client_id else "; name one with --client")
        raise refused("unknown_session" if not rows else "ambiguous_session", detail)
    return rows[0]["client_id"]
