"""The directory: payers, providers, credentials. A fact that contradicts what is kept is refused, with the reason."""

import json
from collections.abc import Sequence
from datetime import timedelta

from services.coverage import store
from services.coverage.rows import Credential, NetworkSpan
from services.coverage.sessions import network
from services.coverage.sessions.network import SpanProblem
from services.coverage.store import CredentialRow, Payer, Provider
from shared.events.directory import PayerListed, ProviderCredentialed, ProviderListed
from shared.runtime.transaction import Transaction


async def on_payer_listed(event: PayerListed, tx: Transaction) -> None:
    """Keep the payer; the networks of open sessions may have changed with it."""
    known = await tx.one(store.PAYER, event.payer_id)
    if known is not None and known.listed == event:
        return
    spans = [NetworkSpan(event.payer_id, span.from_day, span.to_day) for span in event.in_network]
    problem = _first_problem(spans)
    if problem is not None:
        await store.refuse_fact(tx, event.key(), event.key(), problem.value, event.model_dump_json())
        return
    await store.take_fact(tx, event.key())
    tx.save(store.PAYER, Payer(event.payer_id, event))
    await _redecide(tx, await store.clients_with_open_sessions(tx, provider_id=None, payer_id=event.payer_id))


def _first_problem(spans: Sequence[NetworkSpan]) -> SpanProblem | None:
    problems = (network.span_problem(span, spans[:at]) for at, span in enumerate(spans))
    return next((problem for problem in problems if problem is not None), None)


async def on_provider_listed(event: ProviderListed, tx: Transaction) -> None:
    """Keep the provider."""
    known = await tx.one(store.PROVIDER, event.provider_id)
    if known is not None and known.listed == event:
        return
    tx.save(store.PROVIDER, Provider(event.provider_id, event))
    await _redecide(tx, await store.clients_with_open_sessions(tx, provider_id=event.provider_id, payer_id=None))


async def on_provider_credentialed(event: ProviderCredentialed, tx: Transaction) -> None:
    """Keep the span; one with the same first day corrects it. Those it stood in the way of are looked at again."""
    if not await _keep(tx, event):
        return
    for fact in await store.refused_facts(tx, _scope(event)):
        await _keep(tx, ProviderCredentialed.model_validate(json.loads(fact)))
    clients = await store.clients_with_open_sessions(tx, provider_id=event.provider_id, payer_id=event.payer_id)
    await _redecide(tx, clients)


def _scope(event: ProviderCredentialed) -> str:
    return f"credential:{event.provider_id}:{event.payer_id}:{event.state}"


async def _keep(tx: Transaction, event: ProviderCredentialed) -> bool:
    """Keep the span unless it shares days with another; return whether anything changed."""
    row = CredentialRow(event.provider_id, event.payer_id, event.state, event.from_day, event.to_day)
    held = await store.credentials_of(tx, event.provider_id, event.payer_id, event.state)
    if row in held:
        return False
    others = [
        Credential(credential.payer_id, credential.state, credential.from_day, credential.to_day) for credential in held
    ]
    problem = network.span_problem(Credential(row.payer_id, row.state, row.from_day, row.to_day), others)
    if problem is not None:
        await store.refuse_fact(tx, event.key(), _scope(event), problem.value, event.model_dump_json())
        return False
    await store.take_fact(tx, event.key())
    tx.save(store.CREDENTIAL, row)
    return True


async def _redecide(tx: Transaction, clients: list[str]) -> None:
    """Have the clients' sessions decided anew under their own locks, which a directory event does not hold."""
    for client_id in clients:
        tx.schedule("directory.changed", client_id, "", tx.now + timedelta(seconds=1))
