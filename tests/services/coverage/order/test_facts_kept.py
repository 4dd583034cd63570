"""The facts that a decision is kept with read back as the facts that it was made from."""

import warnings

from services.coverage.order.facts import Facts


def test_reasons_for_medicare_are_kept_as_they_are_read():
    stated = [{"reason": "disability", "esrd_month": None}, {"reason": "esrd", "esrd_month": 7}]
    plans = [{"id": "A", "kind": "medicare", "medicare_entitlement": stated}]
    facts = Facts.model_validate({"on": "2026-03-02", "patient": {"id": "c"}, "plans": plans})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = facts.model_dump(mode="json", exclude_unset=True)

    assert kept["plans"][0]["medicare_entitlement"] == stated
    assert Facts.model_validate(kept) == facts
