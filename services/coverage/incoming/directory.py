"""The directory: payers, providers, credentials. A fact that contradicts what is kept is refused, with the reason."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from services.coverage import store
from services.coverage.incoming import refused_facts
from services.coverage.rows import Credential, NetworkSpan
from services.coverage.sessions import network
from services.coverage.sessions.network import SpanProblem
from services.coverage.store import CredentialRow, Payer, Provider
from shared.events.directory import FactWithdrawn, PayerListed, ProviderCredentialed, ProviderListed
from shared.runtime.late_or_wrong.refusal import NOTHING_TO_WITHDRAW, Refusal, refuse
from shared.runtime.transaction import Transaction


async def on_payer_listed(event: PayerListed, tx: Transaction) -> None:
    """Keep the payer; the networks of open sessions may have changed with it."""
    known = await tx.one(store.PAYER, event.payer_id)
    if known is not None and known.listed == event:
        return
    spans = [NetworkSpan(event.payer_id, span.from_day, span.to_day) for span in event.in_network]
    problem = _first_problem(spans)
    if problem is not None:
        await refused_facts.refuse(tx, event.key(), event.key(), problem.value, event.model_dump_json())
        what_to_do = "spans of one payer share no day: end the earlier one first"
        refuse(tx, event, Refusal(problem.value, what_to_do, "in_network"))
        return
    await refused_facts.take(tx, event.key())
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
    for fact in await refused_facts.facts_of(tx, _scope(event)):
        await _keep(tx, ProviderCredentialed.model_validate(json.loads(fact)), again=True)
    clients = await store.clients_with_open_sessions(tx, provider_id=event.provider_id, payer_id=event.payer_id)
    await _redecide(tx, clients)


def _scope(event: ProviderCredentialed) -> str:
    return f"credential:{event.provider_id}:{event.payer_id}:{event.state}"


async def _keep(tx: Transaction, event: ProviderCredentialed, *, again: bool = False) -> bool:
    """Keep the span unless it shares days with another; return whether anything changed.

    `again`: it was refused before, and upstream has been told.
    """
    row = CredentialRow(event.provider_id, event.payer_id, event.state, event.from_day, event.to_day)
    held = await store.credentials_of(tx, event.provider_id, event.payer_id, event.state)
    if row in held:
        return False
    others = [
        Credential(credential.payer_id, credential.state, credential.from_day, credential.to_day) for credential in held
    ]
    span = Credential(row.payer_id, row.state, row.from_day, row.to_day)
    problem = network.span_problem(span, others)
    if problem is not None:
        await refused_facts.refuse(tx, event.key(), _scope(event), problem.value, event.model_dump_json())
        if not again:
            refuse(tx, event, Refusal(problem.value, _overlapped(span, others), "from_day"))
        return False
    await refused_facts.take(tx, event.key())
    tx.save(store.CREDENTIAL, row)
    return True


def _overlapped(span: Credential, others: Sequence[Credential]) -> str:
    """Which kept spans stand in the way, and what to do about them."""
    spans = [other for other in others if network.span_problem(span, [other]) is not None]
    days = ", ".join(f"{other.starts} to {other.ends or 'open'}" for other in spans)
    return f"it shares days with {days}: publish that one with an earlier last day, or withdraw it (fact.withdrawn)"


async def on_fact_withdrawn(event: FactWithdrawn, tx: Transaction) -> None:
    """Forget a credential that never held. Those it stood in the way of are taken now."""
    kind, *parts = event.fact.split(":")
    if kind != "credential":
        return  # settlement keeps the rates
    provider_id, payer_id, state, first = parts
    held = await store.credentials_of(tx, provider_id, payer_id, state)
    if all(row.from_day.isoformat() != first for row in held):
        if not await refused_facts.take(tx, event.fact):
            refuse(tx, event, NOTHING_TO_WITHDRAW)
        return
    tx.delete(store.CREDENTIAL, provider_id, payer_id, state, date.fromisoformat(first))
    for fact in await refused_facts.facts_of(tx, f"credential:{provider_id}:{payer_id}:{state}"):
        await _keep(tx, ProviderCredentialed.model_validate(json.loads(fact)), again=True)
    await _redecide(tx, await store.clients_with_open_sessions(tx, provider_id=provider_id, payer_id=payer_id))


async def _redecide(tx: Transaction, clients: list[str]) -> None:
    """Have the clients' sessions decided anew under their own locks, which a directory event does not hold."""
    for client_id in clients:
        tx.schedule("directory.changed", client_id, "", tx.now + timedelta(seconds=1))
