"""Names with accents, apostrophes and capitals: found however they are typed, whoever stored them."""

import json
from typing import Any
from urllib.parse import urlencode

from services.coverage.app import SERVICE
from shared.database import postgres
from tests.services.coverage.coverage_events import PROVIDER, credential, payer, ready
from tests.services.coverage.pages.reader import browser

NAMES = {
    "brien": ("Seán", "O'Brien"),
    "lodz": ("Łukasz", "Żółć"),
    "munoz": ("José  María", "Muñoz"),
    "nunez": ("Ana", "Nu\u0301n\u0303ez"),
    "percent": ("Per_cent", "%Off"),
    "plain": ("Per", "Nuncio"),
    "strasse": ("Ægir", "Straße"),
}
PLANS = {"P5": "Café Santé", "P6": "Café Santé Plus", "P7": "Blue% Plan"}
_UNDO = """
alter table provider drop column folded_first_name, drop column folded_last_name;
alter table payer drop column folded_name;
drop function folded;
delete from migrations where name = 'coverage/0006_folded_names';
"""


async def named(make: Any) -> Any:
    """Providers with these names, all with P1, and plans with these names."""
    sut = await ready(make, *(payer(id, name=name) for id, name in PLANS.items()))
    listed = [
        PROVIDER.model_copy(update={"provider_id": id, "first_name": first, "last_name": last})
        for id, (first, last) in NAMES.items()
    ]
    await sut.receives(*listed, *(credential("P1", provider_id=id) for id in NAMES), together=True)
    return sut


async def ids_found(sut: Any, typed: str) -> list[str]:
    """The ids of the providers that a typed name finds."""
    async with browser(sut) as page:
        answer = json.loads((await page.get(f"/providers?{urlencode({'plan': 'P1', 'state': 'NY', 'q': typed})}")).text)
    return [provider["provider_id"] for provider in answer["providers"]]


async def looked_up(sut: Any, typed: str) -> list[str]:
    """The ids of the plans that a typed name finds."""
    async with browser(sut) as page:
        return [row["plan"] for row in json.loads((await page.get(f"/plans?{urlencode({'q': typed})}")).text)]


async def test_a_name_is_found_however_it_is_typed(service_under_test: Any):
    sut = await named(service_under_test)
    expected = {
        "NUN": ["nunez", "plain"],
        "nuñ": ["nunez", "plain"],
        "Nu\u0301n\u0303ez": ["nunez"],
        "munoz": ["munoz"],
        "MUÑOZ": ["munoz"],
        "jose maria mun": ["munoz"],
        "ana nuñ": ["nunez"],
        "O'BRIEN": ["brien"],
        "obrien": ["brien"],
        "O’Brien": ["brien"],
        "o´brien": ["brien"],
        "sean ob": ["brien"],
        "Straße": ["strasse"],
        "STRASSE": ["strasse"],
        "aegir s": ["strasse"],
        "lukasz zolc": ["lodz"],
        "per": ["percent", "plain"],
        "per nun": ["plain"],
        "unez": [],
    }

    assert {typed: await ids_found(sut, typed) for typed in expected} == expected


async def test_signs_of_a_pattern_count_as_themselves(service_under_test: Any):
    sut = await named(service_under_test)
    expected = {"%": ["percent"], "％": ["percent"], "_": [], "per_": ["percent"], "n%z": [], "\\": [], "\\%": []}

    assert {typed: await ids_found(sut, typed) for typed in expected} == expected


async def test_nobody_is_called_by_an_apostrophe_or_an_accent_alone(service_under_test: Any):
    sut = await named(service_under_test)
    alone = ("'", "\u00b4", "\u0301", "’’")

    assert {typed: (await ids_found(sut, typed), await looked_up(sut, typed)) for typed in alone} == dict.fromkeys(
        alone, ([], [])
    )


async def test_a_plan_is_looked_up_however_its_name_is_typed(service_under_test: Any):
    sut = await named(service_under_test)
    expected = {
        "cafe": ["P5", "P6"],
        "SANTÉ P": ["P6"],
        "afe\u0301 sante": ["P5", "P6"],
        "%": ["P7"],
        "_": [],
        "P5": ["P5"],
    }

    assert {typed: await looked_up(sut, typed) for typed in expected} == expected


async def test_the_page_takes_a_plans_whole_name_without_its_accents(service_under_test: Any):
    sut = await named(service_under_test)

    async with browser(sut) as page:
        whole = (await page.get("/search?plan=cafe%20sante&state=NY")).text
        part = (await page.get("/search?plan=cafe&state=NY")).text

    assert ('value="Café Santé"' in whole, "Several plans" in whole, "Several plans" in part) == (True, False, True)


async def test_what_was_stored_before_and_what_an_older_version_stores_is_found(service_under_test: Any):
    sut = await named(service_under_test)
    await sut.pool.execute(_UNDO)

    async with sut.pool.acquire() as connection:
        applied = await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations)
    late = PROVIDER.model_copy(update={"provider_id": "late", "last_name": "Nuñoz"})
    await sut.receives(credential("P1", provider_id="late"))
    await sut.pool.execute("insert into provider (provider_id, listed) values ('late', $1)", late.model_dump_json())
    await sut.pool.execute("update payer set listed = listed || '{\"name\": \"Más\"}' where payer_id = 'P7'")

    assert applied == ["coverage/0006_folded_names"]
    assert await ids_found(sut, "nun") == ["late", "nunez", "plain"]
    assert (await looked_up(sut, "cafe"), await looked_up(sut, "mas")) == (["P5", "P6"], ["P7"])


async def test_what_an_older_version_asks_is_still_answered(service_under_test: Any):
    sut = await named(service_under_test)
    statement = "select provider_id from provider where lower(listed->>'last_name') like $1"

    assert await sut.pool.fetchval(statement, "muñ%") == "munoz"


async def test_the_fold_is_one_for_every_server(service_under_test: Any):
    sut = await ready(service_under_test)
    written = {
        "Núñez": "nunez",
        "ＮＵÑ": "nun",
        "D’Ángelo  di\u00a0Þór ": "dangelo di thor",
        "Đặng-Øster": "dang-oster",
        "ẞæŒıİħŧð": "ssaeoeiihtd",
        "ЖУКОВ": "жуков",
        "": "",
    }

    assert {name: await sut.pool.fetchval("select folded($1)", name) for name in written} == written
    assert {name: await sut.pool.fetchval("select folded($1)", name) for name in written.values()} == {
        name: name for name in written.values()
    }
