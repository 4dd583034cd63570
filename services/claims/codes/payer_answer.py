"""All that a payer said about a claim, in the spelling of our code table."""

import re
from dataclasses import dataclass, replace

from services.claims.codes import payer_codes


@dataclass(frozen=True)
class Adjustment:
    """One CAS adjustment: group, reason (CARC) and the remarks (RARC) that came with it."""

    group: str | None
    reason: str | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PayerAnswer:
    """All that a payer said about a claim, and what we and the other payer hold.

    `remarks` are those of the whole claim (MOA). `claim_status` is CLP02; `category`, `status`, `entity` are STC01-1,
    -2, -3. `our_order` lists plan ids, first to last; `billed` is the plan that answers; `other_payer_says` is the
    role that the other payer states for itself. `passed_on`: the payer before sent the claim on, in a place that we
    were not told. None: not known, or not said.
    """

    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    claim_status: str | None = None
    category: str | None = None
    status: str | None = None
    entity: str | None = None
    our_order: tuple[str, ...] | None = None
    billed: str | None = None
    other_payer_says: str | None = None
    passed_on: bool = False

    @property
    def every_reason(self) -> tuple[str, ...]:
        """The reasons of the adjustments."""
        return tuple(adjustment.reason for adjustment in self.adjustments if adjustment.reason)

    @property
    def every_remark(self) -> tuple[str, ...]:
        """The remarks of the claim and of its adjustments."""
        return (*self.remarks, *(remark for adjustment in self.adjustments for remark in adjustment.remarks))


@dataclass(frozen=True)
class CodeSaid:
    """A code of the answer, in the table's spelling, with its meaning (None: nobody has sorted it yet)."""

    system: payer_codes.System
    code: str
    meaning: str | None


def normalized(answer: PayerAnswer) -> PayerAnswer:
    """`answer` with every code trimmed, in upper case and without leading zeros, groups and reasons apart.

    Tolerates what files carry: "CO-22" as a reason, several remarks in one string, a remark in the place of the
    reason, a whole STC01 ("A7:85:PR") in the place of the category.
    """
    order = answer.our_order
    return replace(
        _status_apart(answer),
        adjustments=tuple(_normalized_adjustment(adjustment) for adjustment in answer.adjustments),
        remarks=payer_codes.split_remarks(answer.remarks),
        claim_status=payer_codes.spelled(answer.claim_status),
        our_order=None if order is None else tuple(dict.fromkeys(plan.strip() for plan in order)),
        billed=None if answer.billed is None else answer.billed.strip() or None,
        other_payer_says=re.sub(r"[\s_-]+", "_", (answer.other_payer_says or "").strip().lower()) or None,
    )


def _status_apart(answer: PayerAnswer) -> PayerAnswer:
    parts = [*re.split("[:>]", answer.category or ""), "", ""]
    return replace(
        answer,
        category=payer_codes.spelled(parts[0]),
        status=payer_codes.spelled(answer.status) or payer_codes.spelled(parts[1]),
        entity=payer_codes.trimmed(answer.entity) or payer_codes.trimmed(parts[2]),
    )


def _normalized_adjustment(adjustment: Adjustment) -> Adjustment:
    group, reason = payer_codes.split_reason(adjustment.group, adjustment.reason)
    remarks = payer_codes.split_remarks(adjustment.remarks)
    if reason is not None and payer_codes.is_remark(reason):
        return Adjustment(group, None, tuple(dict.fromkeys((reason, *remarks))))
    return Adjustment(group, reason, remarks)


def codes_said(answer: PayerAnswer) -> tuple[CodeSaid, ...]:
    """Every code of a normalized `answer` once, in the order of the transaction, with its meaning."""
    codes: list[tuple[payer_codes.System, str | None]] = [
        ("claim_status", answer.claim_status),
        *(pair for adjustment in answer.adjustments for pair in _of_adjustment(adjustment)),
        *(("rarc", remark) for remark in answer.remarks),
        ("category", answer.category),
        ("status", answer.status),
        ("entity", answer.entity),
    ]
    said = (CodeSaid(system, code, payer_codes.meaning(system, code)) for system, code in codes if code is not None)
    return tuple(dict.fromkeys(said))


def _of_adjustment(adjustment: Adjustment) -> list[tuple[payer_codes.System, str | None]]:
    return [("group", adjustment.group), ("carc", adjustment.reason), *(("rarc", code) for code in adjustment.remarks)]
