"""Short ways to write down a patient's plans; everything a test doesn't mention is stated and ordinary.

Take a fact away with `UNSTATED`: absent means not known, while None means known not to be.
"""

from typing import Any

from services.coverage.order.decision import Decision, decide
from services.coverage.order.facts import Facts
from services.coverage.order.plausibility import problems

UNSTATED = object()
ON = "2026-03-01"


def plan(plan_id: str, holder: str, relation: str, /, **stated: Any) -> dict[str, Any]:
    """A group plan from a current job at an employer of 250, since 2018; `holder_*` facts are the subscriber's."""
    subscriber = {"id": holder, "relation": relation, "birth_date": "1985-03-12"}
    subscriber |= {key.removeprefix("holder_"): value for key, value in stated.items() if key.startswith("holder_")}
    facts: dict[str, Any] = {
        "id": plan_id,
        "kind": "group",
        "subscriber": without_unstated(subscriber),
        "employment": "active",
        "employer_size": 250,
        "covered_from": "2018-01-01",
        "covered_to": None,
        "benefits": ["medical"],
        "coordination": "standard",
    }
    facts |= {key: value for key, value in stated.items() if not key.startswith("holder_")}
    return without_unstated(facts)


def without_unstated(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value is not UNSTATED}


def own(plan_id: str = "own", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "patient", "self", **stated)


def spouses(plan_id: str = "spouses", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "spouse", "spouse", **stated)


def partners(plan_id: str = "partners", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "partner", "domestic_partner", **stated)


def mothers(plan_id: str = "mothers", born: Any = "1985-03-12", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "mother", "parent", **{"holder_birth_date": born, "holder_sex": "female"} | stated)


def fathers(plan_id: str = "fathers", born: Any = "1984-07-01", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "father", "parent", **{"holder_birth_date": born, "holder_sex": "male"} | stated)


def stepfathers(plan_id: str = "stepfathers", married_to: Any = "mother", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "stepfather", "step_parent", **{"holder_spouse_of": married_to} | stated)


def stepmothers(plan_id: str = "stepmothers", married_to: Any = "father", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "stepmother", "step_parent", **{"holder_spouse_of": married_to} | stated)


def program(plan_id: str, **stated: Any) -> dict[str, Any]:
    """A government program under its own name: medicare, medicaid, tricare, champva."""
    return {"id": plan_id, "kind": plan_id, "covered_from": "2020-01-01", "covered_to": None} | stated


def supplement(of: Any, **stated: Any) -> dict[str, Any]:
    """A policy that supplements TRICARE or CHAMPVA."""
    return own("supplement", kind="supplement", employment=None, supplements=of, **stated)


def former_spouses(plan_id: str = "former_spouses", **stated: Any) -> dict[str, Any]:
    return plan(plan_id, "former_spouse", "former_spouse", **stated)


def medicare(*reasons: Any, **stated: Any) -> dict[str, Any]:
    entitlement = [reason if isinstance(reason, dict) else {"reason": reason} for reason in reasons]
    return program("medicare", medicare_entitlement=entitlement, **stated)


def esrd(month: int) -> dict[str, Any]:
    return {"reason": "esrd", "esrd_month": month}


def family(**stated: Any) -> dict[str, Any]:
    """Parents who live apart, without custody or decree unless stated."""
    apart = {"parents": "apart", "custodian": None, "joint_custody": False, "decree": None}
    return without_unstated(apart | stated)


def decree(responsible: Any, known: Any = "2015-01-01") -> dict[str, Any]:
    return without_unstated({"responsible": responsible, "known_to_plan_from": known})


TOGETHER = family(parents="together")
MOTHER_HAS_CUSTODY = family(custodian="mother")


def document(*plans: dict[str, Any], on: str = ON, born: Any = "1975-05-20", **stated: Any) -> dict[str, Any]:
    """Facts as JSON: the patient is grown up unless `born` says otherwise."""
    patient = {"id": "patient"} | ({} if born is UNSTATED else {"birth_date": born})
    return {"on": on, "patient": patient, "plans": list(plans)} | stated


def child(*plans: dict[str, Any], **stated: Any) -> dict[str, Any]:
    return document(*plans, **{"born": "2014-06-01"} | stated)


def aged(*plans: dict[str, Any], **stated: Any) -> dict[str, Any]:
    return document(*plans, **{"born": "1958-09-09"} | stated)


def decision(facts: dict[str, Any]) -> Decision:
    """The decision on facts that nothing is wrong with."""
    read = Facts.model_validate(facts)
    assert problems(read) == ()
    return decide(read)


def order(facts: dict[str, Any]) -> str:
    """The order in short: `own > spouses`, `ask: <what is missing>` or `dispute: <kind>`."""
    return in_short(decision(facts))


def in_short(decided: Decision) -> str:
    if decided.dispute is not None:
        return f"dispute: {decided.dispute.kind}"
    if decided.undetermined is not None:
        return f"ask: {decided.undetermined.missing}"
    assert decided.order is not None
    return " > ".join(decided.order)
