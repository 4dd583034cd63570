"""What a person has to look at before, or after, a cost is final: a reason, a sentence, the evidence."""

from dataclasses import dataclass
from typing import Any

from services.settlement.answers.adjudication import Level

_HOLDS = {
    "nothing_adjudicated": "No payer has adjudicated this session yet.",
    "claim_not_in_remittance": "The remittance holds no claim of this number: it answers another claim.",
    "claim_ambiguous": "Several claims in the remittance could be the one that is meant.",
    "not_a_remittance": "The file is X12, but holds no remittance (835).",
    "remittance_unbalanced": "The remittance does not add up; nothing of it is posted.",
    "remittance_incomplete": "The remittance is cut off or its envelope is not whole; nothing of it is posted.",
    "patient_responsibility_disagrees": "The stated patient responsibility is not the sum of the PR adjustments.",
    "patient_responsibility_negative": "The payer leaves the client less than nothing.",
    "one_answer_for_two_payers": "The same adjudication is given for two payers.",
    "reversal_without_correction": "The payer took its adjudication back; the correction has not come.",
    "predetermination_only": "The payer only estimated a price; that is no adjudication.",
    "passed_to_another_payer": "The payer passed the claim on unread; the answer of the other payer is awaited.",
    "not_adjudicated": "The claim's status in the remittance is not that of an adjudication.",
    "forwarded_answer_awaited": "The payer forwarded the claim to the next payer, whose answer is awaited.",
    "coordination_denial": "The payer says another plan is first or that coordination of benefits is open.",
    "eligibility_denial": "The payer says the client was not covered on that day; check the order of the plans.",
    "wrong_payer_denial": "The claim went to a payer that is not responsible for it.",
    "information_denial": "The payer lacks information or found the claim faulty; correct it and send it again.",
    "timely_filing_denial": "The claim came too late for the payer; the client is never charged for that.",
    "duplicate_denial": "The payer calls the claim a duplicate; its first answer is missing.",
    "unknown_denial": "The payer denied with codes that do not say whether the service is covered.",
    "role_differs": "The payer processed the claim at another level of the order than the one at which it was billed.",
    "primary_missing": "A later payer has answered, but the primary's answer is missing.",
    "charges_differ": "The payers answered claims of different charges.",
    "another_service": "The payers name different patients or days: one of them answers another claim.",
    "answer_incomplete": "The payer has answered some of the services only; the rest is awaited.",
    "prior_payment_disagrees": "What the payer counts for those before it (OA-23) can't be right.",
    "paid_above_charge": "The payers together paid more than the charge.",
    "reversal_differs": "The payer takes back other amounts than it had adjudicated.",
    "answered_in_part": "A later answer covers a part of the claim and takes nothing back; neither replaces the other.",
    "lines_do_not_match": "The payers' service lines can't be matched to each other.",
}
_NOTES = {
    "capped_at_primary": "A later payer leaves the client more than the primary did; the primary's amount counts.",
    "line_above_primary": "On one service a later payer leaves the client more than the primary did.",
    "tertiary_above_secondary": "The third payer leaves the client more than the second did.",
    "adjudicated_again": "The payer adjudicated again without reversing its first answer; the last one counts.",
    "primary_changed_since": "The primary corrected its answer after the secondary used it; the secondary must see it.",
    "share_waived": "The payer says that the client owes nothing of the share it states.",
    "refund_failed": "The refund did not go through; once the cost is known, pay what is owed back in another way.",
    "refund_unanswered": "The payment system has not answered a refund; see whether the client has it.",
    "refunded_more_than_paid": "The client got more back than was paid in the end; nothing is charged by itself.",
    "above_contracted_rate": "The payers leave the client more than the contracted rate; the client pays the rate.",
    "cost_overdue": "The promised days are over and the cost is open; the client pays nothing more until it is known.",
    "adjudicated_though_cancelled": "A payer adjudicated a session that was cancelled; its claim is to be voided.",
    "deposit_though_cancelled": "A payer paid for a session that was cancelled; the money is owed back to it.",
    "answer_of_another_plan": "A plan without a level in this session's order has answered; its claim is to be voided.",
    "charge_disputed": "The client's bank took a charge back; it is not asked for again before a person has looked.",
    "balance_unpaid": "The charge of a balance did not go through; it is still owed.",
    "balance_not_announced": "The letter announcing a balance did not arrive: nothing is charged; announce it again.",
    "answer_differs": "The payment system moved another amount than was asked for.",
    "answer_exceeds_request": "The payment system says that more moved than was asked for; its answer is not counted.",
    "refund_taken_back": "A refund that had gone through is said to have failed; see whether the client has it.",
    "amount_too_large": "An amount is so large that it is taken for a wrong unit; nothing of it is counted.",
    "refused_after_cleared": "Coverage refused a session that it had cleared; what was charged stays until you decide.",
    "completion_unknown": "Long after its date nobody has said whether the session took place; the client was charged.",
    "completed_on_another_day": "It was completed for another date than confirmed; no pay until upstream corrects one.",
    "charge_unanswered": "The payment system has not answered a charge; until it does nothing is given back.",
    "adjudicated_unknown_session": "A payer answered for a session that coverage never cleared; nothing is booked.",
    "ledger_differs": "The session's ledger is not what its facts make of it; payouts and refunds are stopped.",
    "rate_differs": "The directory states another rate than the provider's pay was fixed at; decide which one holds.",
    "payout_differs": "The payout that is scheduled is not the rate; payouts and refunds are stopped.",
    "payment_differs": "A payer's payment is not what was deposited of it; payouts and refunds are stopped.",
    "rate_missing": "No contracted rate is in force on the date of service; nobody is charged and no pay is set.",
    "cost_nearly_overdue": "The 90 days are nearly over and a payer has not answered.",
    "answer_without_request": "The payment system answered a request that was never made.",
    "unknown_code": "The payer used an adjustment reason that is in no table of ours.",
}


@dataclass(frozen=True, slots=True)
class Review:
    """One thing for a person. `holds`: the cost is not final while it stands."""

    reason: str
    level: Level | None = None
    evidence: str = ""

    def __post_init__(self) -> None:
        assert self.reason in _HOLDS or self.reason in _NOTES, self.reason

    @property
    def holds(self) -> bool:
        """Whether the cost can't be final before a person, or a further answer, has dealt with it."""
        return self.reason in _HOLDS

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return _HOLDS.get(self.reason) or _NOTES[self.reason]

    def as_json(self) -> dict[str, Any]:
        """The entry as the command prints it."""
        return {"reason": self.reason, "why": self.why, "role": self.level, "evidence": self.evidence}


def reasons() -> frozenset[str]:
    """Every reason there is."""
    return frozenset({*_HOLDS, *_NOTES})


def in_a_sentence(reason: str) -> str:
    """What a reason of a review means; the reason itself where it has no sentence."""
    return _HOLDS.get(reason) or _NOTES.get(reason) or reason.replace("_", " ")
