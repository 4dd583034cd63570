"""The codes that the contract lists are those of the services: none is missing."""

from typing import get_args

import pytest

from services.claims.claim.posted_remittance import Queued
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.when_to_file import Held, Withheld
from services.claims.remittances.claim_match import Unmatched
from services.coverage.order.payers_word import DisputeKind
from services.coverage.order.rule import Rule
from services.coverage.pauses.pause import ConfirmationRefusal
from services.coverage.sessions.network import NotBillable, Refusal
from services.notification.composing.still_true import NEEDLESS
from services.settlement.answers import review
from services.settlement.money.estimate import Basis
from services.settlement.statement.statement import Why
from shared.events.contract import words
from shared.events.settlement import OverdueBecause

CODES = {
    "rule": {*Rule},
    "not_billable": {*NotBillable},
    "session_refused": {*Refusal},
    "cause": {*DisputeKind},
    "confirmation_refused": {*ConfirmationRefusal},
    "answer": {*AnswerClass},
    "claim_held": {*Held},
    "withheld": {*Withheld, *NotBillable},
    "claims_review": {
        *Queued,
        *(f"unmatched_{reason}" for reason in Unmatched),
        *(f"{state}_{answer}" for state in ("rejected", "denied") for answer in AnswerClass),
    },
    "settlement_review": review.reasons(),
    "basis": {*Basis},
    "cost": {*Why},
    "overdue": {*get_args(OverdueBecause)},
    "letter_skipped": {*NEEDLESS},
}


@pytest.mark.parametrize("table", sorted(CODES))
def test_every_code_of_the_services_is_listed(table: str):
    assert {str(code) for code in CODES[table]} - set(words.reasons(table)) == set()
