"""The names that letters call payers and plans by. Pure."""

from collections import Counter
from collections.abc import Sequence

from services.notification.known_store import Known
from services.notification.store import ClientPlan

_HELD_BY = {
    "en": {
        "self": "your own plan",
        "spouse": "your spouse's plan",
        "former_spouse": "your former spouse's plan",
        "domestic_partner": "your partner's plan",
        "parent": "a parent's plan",
        "step_parent": "a step-parent's plan",
        "grandparent": "a grandparent's plan",
        "other": "another person's plan",
    },
    "es": {
        "self": "su propio plan",
        "spouse": "el plan de su cónyuge",
        "former_spouse": "el plan de su excónyuge",
        "domestic_partner": "el plan de su pareja",
        "parent": "el plan de su madre o padre",
        "step_parent": "el plan de su madrastra o padrastro",
        "grandparent": "el plan de su abuela o abuelo",
        "other": "el plan de otra persona",
    },
}


class MissingFactError(LookupError):
    """A fact that the letter needs is not known (yet); the text is its reason word, such as `client_unknown`."""


def payer_name(known: Known, payer_id: str) -> str:
    """The payer's public name. Raises MissingFactError."""
    if payer_id not in known.payers:
        raise MissingFactError("payer_unknown")
    return known.payers[payer_id].name


def plan_names(known: Known, plan_ids: Sequence[str], language: str) -> list[str]:
    """What the plans are called: by their payers, and where two are of one payer also by who holds them.

    Raises MissingFactError.
    """
    if any(plan_id not in known.plans for plan_id in plan_ids):
        raise MissingFactError("plan_unknown")
    plans = [known.plans[plan_id] for plan_id in plan_ids]
    names = [payer_name(known, plan.payer_id) for plan in plans]
    held = [_with_holder(name, plan, names, language) for name, plan in zip(names, plans, strict=True)]
    return [_numbered(name, plan, held) for name, plan in zip(held, plans, strict=True)]


def _with_holder(name: str, plan: ClientPlan, names: Sequence[str], language: str) -> str:
    if Counter(names)[name] == 1:
        return name
    words = _HELD_BY[language]
    return f"{name} ({words.get(plan.relation, words['other'])})"


def _numbered(name: str, plan: ClientPlan, names: Sequence[str]) -> str:
    """Two plans of one payer that the same kind of person holds, such as both parents: as the client entered them."""
    return name if Counter(names)[name] == 1 or plan.place < 0 else f"{name} {plan.place + 1}"
