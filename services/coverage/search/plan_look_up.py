"""Plans by what a person types of their names, compared as `folded` in the database writes them (migration 0006)."""

from dataclasses import dataclass

from shared.database.postgres import Connection
from shared.events.directory import PayerListed

# What folds to nothing, such as a lone apostrophe, is in every name and means none.
_PLANS = """
with typed as materialized (select folded($1) as name)
select listed, folded_name = typed.name as whole from payer, typed
where payer_id = $1 or $1 = '' or typed.name <> '' and position(typed.name in folded_name) > 0
order by folded_name, payer_id limit $2
"""


@dataclass(frozen=True, slots=True)
class _Named:
    """A plan that was found. `whole`: all of its name was typed, but for accents and capitals."""

    plan: PayerListed
    whole: bool


async def look_up(connection: Connection, typed: str, most: int = 10) -> list[PayerListed]:
    """The plans whose name holds what was typed, or whose id it is, by name."""
    return [match.plan for match in await _named(connection, typed, most)]


async def meant(connection: Connection, typed: str) -> list[PayerListed]:
    """The plan that was meant, or all that may be: by its id, by this very name, by the name without its accents."""
    matches = await _named(connection, typed, 10)
    exact = [
        match.plan
        for match in matches
        if typed == match.plan.payer_id or typed.casefold() == match.plan.name.casefold()
    ]
    whole = [match.plan for match in matches if match.whole]
    return exact[:1] or whole or [match.plan for match in matches]


async def _named(connection: Connection, typed: str, most: int) -> list[_Named]:
    rows = await connection.fetch(_PLANS, typed, most)
    return [_Named(PayerListed.model_validate_json(row["listed"]), bool(row["whole"])) for row in rows]
