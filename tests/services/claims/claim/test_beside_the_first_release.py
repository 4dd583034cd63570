"""What 0.1.0 keeps in columns of `claims` and this version in tables: each sees what the other has written."""

import json

import asyncpg
import pytest

from services.claims.app import SERVICE

DOCUMENT = {
    "id": "ONE-P",
    "responsibility": "P",
    "lines": [{"control": "ONE-1", "procedure": "90837", "modifiers": ["95"], "charge_cents": 22000, "unit": "x"}],
}
DECISION = {"identity": "posting-1", "claim": {"id": "ONE-P"}, "header": {"trace": "T"}}
NEEDED = {
    "client_id": "c", "session_id": "s", "role": 1, "plan_id": "own", "payer_id": "ONE", "state": "submitted",
    "submission": 1, "payer_claim_id": "", "crossover": "not_forwarded", "complete": False, "told": "[]",
    "service_on": "2026-03-02", "charge_cents": 22000, "tries": 0, "asked": 0, "changes": 0, "postings": "[]",
}  # fmt: skip


@pytest.fixture
async def claims(new_database):
    connection = await asyncpg.connect(await new_database(SERVICE))
    yield connection
    await connection.close()


async def insert(connection: asyncpg.Connection, **values: object) -> None:
    """As either version writes a claim: one row of JSON, of the columns that it knows."""
    row = {**NEEDED, **values}
    row = {name: json.loads(value) if name in ("told", "postings") else value for name, value in row.items()}
    columns = ", ".join(row)
    updates = ", ".join(f"{name} = excluded.{name}" for name in row)
    await connection.execute(
        f"insert into claims ({columns}) select {columns} from jsonb_populate_record(null::claims, $1::jsonb)"
        f" on conflict (client_id, session_id, role) do update set {updates}",
        json.dumps(row),
    )


async def test_what_the_first_release_sends_this_version_knows(claims: asyncpg.Connection):
    await insert(claims, document=DOCUMENT, decisions=[])
    await insert(claims, document=DOCUMENT, decisions=[DECISION])

    row = await claims.fetchrow("select control, responsibility, lines from claims")
    assert row is not None
    assert (row["control"], row["responsibility"]) == ("ONE-P", "P")
    assert json.loads(row["lines"]) == [
        {"control": "ONE-1", "procedure": "90837", "modifiers": ["95"], "charge_cents": 22000}
    ]
    assert json.loads(await claims.fetchval("select document from documents where control = 'ONE-P'")) == DOCUMENT
    kept = await claims.fetchrow("select identity, claim, header from decisions")
    assert kept is not None
    assert (kept["identity"], json.loads(kept["claim"])) == ("posting-1", DECISION["claim"])


@pytest.mark.parametrize("claim_first", [True, False])
async def test_what_this_version_sends_and_posts_the_first_release_knows(claims: asyncpg.Connection, claim_first: bool):
    async def claim() -> None:
        await insert(claims, control="ONE-P", lines=DOCUMENT["lines"], postings=json.dumps([{"identity": "posting-1"}]))

    async with claims.transaction():
        if claim_first:
            await claim()
        await claims.execute("insert into documents values ('c', 's', 'ONE-P', $1)", json.dumps(DOCUMENT))
        decided = (json.dumps(DECISION["claim"]), json.dumps(DECISION["header"]))
        await claims.execute("insert into decisions values ('c', 's', 'posting-1', $1, $2)", *decided)
        if not claim_first:
            await claim()

    row = await claims.fetchrow("select document, decisions from claims")
    assert row is not None
    assert (json.loads(row["document"]), json.loads(row["decisions"])) == (DOCUMENT, [DECISION])
    assert await claims.fetchval("select count(*) from documents") == 1
