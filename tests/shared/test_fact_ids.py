"""Ids made from facts."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from shared.fact_ids import FactIds

NAMESPACE = "6f1c1f2e-5f0a-5c57-9d0b-6f0b1a7f5c11"


@given(st.text())
def test_a_facts_id_is_the_uuid5_that_any_library_makes(fact: str):
    assert FactIds(NAMESPACE).of(fact) == str(uuid.uuid5(uuid.UUID(NAMESPACE), fact))
