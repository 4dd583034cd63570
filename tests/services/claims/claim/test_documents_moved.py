"""Claims that went out before documents and decisions had tables of their own: nothing of them is lost."""

from typing import Any

import asyncpg

from services.claims.app import SERVICE
from services.claims.claim.line_on_file import LineOnFile
from services.claims.claim.tables import CLAIMS, DECISIONS, DOCUMENTS
from shared.database import postgres
from shared.runtime.table import Table
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PRIMARY_PAYS,
    Claims,
    cleared,
    confirmed,
    pays,
    remittance,
)

_UNDO = """
update claims c set document = d.document from documents d where d.control = c.control;
update claims c set decisions = jsonb_build_array(jsonb_build_object(
    'identity', d.identity, 'claim', d.claim, 'header', d.header)) from decisions d
    where c.postings @> jsonb_build_array(jsonb_build_object('identity', d.identity));
drop table documents, decisions;
alter table claims drop column control, drop column responsibility, drop column lines;
drop index claims_payer_claim_key;
create index claims_payer_claim_id on claims (payer_id, payer_claim_id) where payer_claim_id <> '';
delete from migrations where name like 'claims/0003%' or name like 'claims/0004%';
"""


async def test_what_was_kept_in_the_claims_row_is_moved(service_under_test):
    desk = Claims(await service_under_test(SERVICE))
    await desk.receives(*FACTS, confirmed(), cleared(), COMPLETED)
    (primary,) = desk.sent
    await desk.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    before = await _kept(desk.sut.pool)
    await desk.sut.pool.execute(_UNDO)

    async with desk.sut.pool.acquire() as connection:
        applied = await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations)

    assert applied == ["claims/0003_documents_and_decisions", "claims/0004_payer_numbers"]
    assert await _kept(desk.sut.pool) == before
    assert [len(rows) for rows in before] == [2, 2, 1]
    assert before[0][0].lines == (LineOnFile("SES-1-1", "90837", ("95",), 22000),)


async def _kept(pool: asyncpg.Pool):
    tables = (CLAIMS, DOCUMENTS, DECISIONS)
    return [await _sorted(pool, table) for table in tables]


async def _sorted(pool: asyncpg.Pool, table: Table[Any]) -> list[Any]:
    return sorted(map(table.from_record, await pool.fetch(table.select)), key=table.key_of)
