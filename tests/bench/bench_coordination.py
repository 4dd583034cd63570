"""Orders of benefits decided a second on one core, over a mix of ordinary and hard situations."""

import time
from collections.abc import Iterator
from typing import Any

from services.coverage.order.decision import decide
from services.coverage.order.facts import Facts

FLOOR_PER_SECOND = 20_000
SECONDS = 1.0
TOGETHER = {"parents": "together", "custodian": None, "joint_custody": False, "decree": None}
APART = {"parents": "apart", "custodian": "mother", "joint_custody": False, "decree": None}


def _plan(plan_id: str, relation: str, **stated: Any) -> dict[str, Any]:
    subscriber = {"id": plan_id, "relation": relation, "birth_date": "1985-03-12"}
    group = {"kind": "group", "employment": "active", "employer_size": 250, "covered_from": "2018-01-01"}
    return {"id": plan_id, "subscriber": subscriber, "covered_to": None} | group | stated


def _facts(*plans: dict[str, Any], **stated: Any) -> Facts:
    patient = {"id": "patient", "birth_date": "1958-06-01"}
    return Facts.model_validate({"on": "2026-03-01", "patient": patient, "plans": plans} | stated)


OWN, SPOUSES = _plan("own", "self"), _plan("spouse", "spouse")
MOTHERS, FATHERS = _plan("mother", "parent"), _plan("father", "parent", covered_from="2020-01-01")
MEDICARE = {"id": "medicare", "kind": "medicare", "medicare_entitlement": {"reason": "age"}}
MEDICAID = {"id": "medicaid", "kind": "medicaid"}
MIX = (
    _facts(OWN),
    _facts(OWN, SPOUSES),
    _facts(SPOUSES, OWN, entered_order=["spouse", "own"]),
    _facts(OWN, _plan("second", "self", covered_from="2022-01-01")),
    _facts(MOTHERS, FATHERS, family=TOGETHER),
    _facts(MOTHERS, FATHERS, family=APART),
    _facts(OWN, MEDICARE),
    _facts(_plan("retiree", "self", employment="retired"), MEDICARE, SPOUSES),
    _facts(MOTHERS, FATHERS, MEDICAID, family=TOGETHER),
    _facts(OWN | {"reported_role": "secondary"}, SPOUSES | {"reported_role": "secondary"}),
)


def run() -> Iterator[dict[str, Any]]:
    """One line: decisions a second of one core's time (not of the clock's: other work may share the core)."""
    decided, started = 0, time.process_time()
    while time.process_time() - started < SECONDS:
        for _ in range(50):
            for facts in MIX:
                decide(facts)
        decided += 50 * len(MIX)
    value = decided / (time.process_time() - started)
    yield {
        "name": "order_of_benefits",
        "value": round(value),
        "unit": "decisions/s/core",
        "floor": FLOOR_PER_SECOND,
        "ratio": round(value / FLOOR_PER_SECOND, 2),
    }
