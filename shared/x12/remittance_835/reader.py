"""Reading 835s, one claim at a time, so that a file's size does not matter.

Source of the rule: 005010X221A1, loops 1000A/B, 2000, 2100, 2110 and PLB. 4010 files have the same shape.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from shared.x12.remittance_835.balance import payment_problem
from shared.x12.remittance_835.claim_reader import ClaimReader
from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittanceTotals,
    RemittedClaim,
)
from shared.x12.syntax.elements import day
from shared.x12.syntax.envelope import EnvelopeReader, OpenTransaction, element, keep
from shared.x12.syntax.loops import amount_cents, party_from_n1, with_place, with_street

Part = RemittanceHeader | RemittedClaim | RemittanceTotals
FOREIGN_CURRENCY = "foreign_currency"

_MOST_KNOWN = 5000
_WITHOUT_MONEY = frozenset(
    ("LX", "TS3", "TS2", "N3", "N4", "PER", "QTY", "RDM", "CUR", "REF", "DTM", "NM1", "MOA", "MIA", "AMT", "LQ", "N1")
)


def read_remittances(source: bytes | BinaryIO) -> Iterator[Part]:
    """Read every 835 in `source`: for each its header, then its claims one by one, then its totals.

    Never raises; memory does not grow with the file. Whether the payment as a whole balances is known with the totals.
    """
    for transaction in EnvelopeReader(source).transactions():
        if transaction.set_id == "835":
            yield from read_parts(transaction)


def read_remittance(transaction: OpenTransaction) -> Remittance:
    """The whole of one 835."""
    header, totals = RemittanceHeader(0), RemittanceTotals()
    claims: list[RemittedClaim] = []
    for part in read_parts(transaction):
        match part:
            case RemittedClaim():
                claims.append(part)
            case RemittanceHeader():
                header = part
            case RemittanceTotals():
                totals = part
    return Remittance(header, tuple(claims), totals.provider_adjustments, totals.problems)


def read_parts(transaction: OpenTransaction) -> Iterator[Part]:
    """One 835 set in parts: its header, its claims one by one, its totals."""
    claim, header, totals = ClaimReader(transaction), _HeaderReader(transaction), _TotalsReader(transaction)
    in_header = True
    for elements in transaction:
        name = elements[0]
        if claim.open and claim.take(elements):
            continue
        if name in ("CLP", "PLB", "LX"):
            if in_header:
                in_header = False
                yield header.finish()
            if claim.open:
                yield totals.count(claim.finish())
            if name == "CLP":
                claim.begin(elements)
            elif name == "PLB":
                totals.take(elements)
        elif in_header:
            header.take(elements)
        else:
            _note_stray(transaction, name)
    if in_header:
        yield header.finish()
    if claim.open:
        yield totals.count(claim.finish())
    yield totals.finish(header)


class _HeaderReader:
    """Reads what stands before the first claim."""

    def __init__(self, transaction: OpenTransaction) -> None:
        self._transaction = transaction
        self._fields: dict[str, Any] = {"payment_cents": 0, "control": transaction.interchange.control}
        self._party = ""
        self.payment_seen = False
        self.payment_position = transaction.first_position

    @property
    def payment_cents(self) -> int:
        """What the payer says it paid."""
        return self._fields["payment_cents"]

    def take(self, elements: list[str]) -> None:
        """Read one segment."""
        match elements[0]:
            case "BPR":
                self._payment(elements)
            case "TRN" if element(elements, 1) == "1" or not self._fields.get("trace"):
                self._fields |= {"trace": element(elements, 2), "payer_tax_id": element(elements, 3)}
            case "CUR":
                self._currency(elements)
            case "DTM" if element(elements, 1) == "405":
                self._fields["produced_on"] = day(element(elements, 2))
            case "N1":
                self._name(elements)
            case "N3" | "N4":
                self._address(elements)
            case "REF" if self._party == "PE" and element(elements, 1) == "TJ":
                self._fields["payee_tax_id"] = element(elements, 2)
            case "PER" if self._party == "PR":
                self._fields["payer_contact"] = self._fields.get("payer_contact") or element(elements, 4)
            case "SVC" | "CAS":
                _note_stray(self._transaction, elements[0])
            case _:
                pass

    def finish(self) -> RemittanceHeader:
        """The header, as far as it was there."""
        if not self.payment_seen:
            self._transaction.note("payment_missing", "the 835 has no BPR, so the payment is unknown", "BPR", "balance")
        return RemittanceHeader(**self._fields)

    def _payment(self, bpr: list[str]) -> None:
        self.payment_seen, self.payment_position = True, self._transaction.position
        if not element(bpr, 2):
            self._transaction.note("payment_missing", "BPR02 is empty, so the payment is unknown", "BPR", "balance")
        paid_cents = amount_cents(element(bpr, 2), self._complain, "BPR", "BPR02 (payment)")
        if paid_cents < 0:
            self._transaction.note("payment_negative", "BPR02 is negative, which the guide forbids", "BPR")
        debit = element(bpr, 3) == "D" and paid_cents > 0
        self._fields |= {
            "payment_cents": -paid_cents if debit else paid_cents,
            "handling": element(bpr, 1),
            "method": element(bpr, 4),
            "paid_on": day(element(bpr, 16)),
        }

    def _currency(self, cur: list[str]) -> None:
        """Amounts in another currency are never taken for dollars (CUR02, loop 1000)."""
        currency = element(cur, 2).upper()
        if currency != "USD":
            text = f"CUR says that the amounts are in {currency[:3] or 'an unnamed currency'}, not in US dollars"
            self._transaction.note(FOREIGN_CURRENCY, text, "CUR", "balance")

    def _name(self, n1: list[str]) -> None:
        self._party = element(n1, 1)
        if self._party == "PR":
            self._fields["payer"] = party_from_n1(n1)
        elif self._party == "PE":
            self._fields["payee"] = party_from_n1(n1)

    def _address(self, elements: list[str]) -> None:
        extend = with_street if elements[0] == "N3" else with_place
        if self._party == "PR":
            self._fields["payer_address"] = extend(self._fields.get("payer_address"), elements)
        elif self._party == "PE":
            self._fields["payee_address"] = extend(self._fields.get("payee_address"), elements)

    def _complain(self, name: str, text: str, segment: str, money: bool) -> None:
        self._transaction.note(name, text, segment, "balance" if money else "note")


class _Repeated:
    """Knows the last thousands of claims by their figures, so that memory does not grow with the file."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str, str, int, int]] = set()

    def seen(self, claim: RemittedClaim) -> bool:
        """Whether a claim with these numbers and amounts came before."""
        figures = (claim.id, claim.status, claim.payer_claim_id, claim.charge_cents, claim.paid_cents)
        if figures in self._known:
            return True
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(figures)
        return False


class _TotalsReader:
    """Adds up the claims and reads the provider adjustments."""

    def __init__(self, transaction: OpenTransaction) -> None:
        self._transaction = transaction
        self._adjustments: list[ProviderAdjustment] = []
        self._claims = 0
        self._paid_cents = 0
        self._last = _Repeated()

    def count(self, claim: RemittedClaim) -> RemittedClaim:
        """Count `claim` in, and hand it on."""
        self._claims += 1
        self._paid_cents += claim.paid_cents
        if self._last.seen(claim):
            self._transaction.note("claim_repeated", "the same claim with the same amounts is listed twice", "CLP")
        return claim

    def take(self, plb: list[str]) -> None:
        """Read one PLB: the provider, the end of its fiscal year, then up to six pairs of reason and amount."""
        provider, until = element(plb, 1), day(element(plb, 2))
        for at in range(3, len(plb), 2):
            reason, _, reference = element(plb, at).partition(self._transaction.delimiters.component)
            amount = element(plb, at + 1)
            if not (reason or amount):
                continue
            value = amount_cents(amount, self._complain, "PLB", "a provider adjustment's amount")
            if not amount:
                self._complain("adjustment_without_amount", "a provider adjustment states no amount", "PLB", False)
            self._adjustments.append(ProviderAdjustment(reason, reference, value, provider, until))

    def finish(self, header: _HeaderReader) -> RemittanceTotals:
        """The totals, with the payment's balance."""
        problems = self._transaction.problems
        if header.payment_seen:
            off = payment_problem(header.payment_cents, self._paid_cents, self._adjustments, header.payment_position)
            if off is not None:
                keep(problems, off)
        return RemittanceTotals(tuple(self._adjustments), self._claims, self._paid_cents, tuple(problems))

    def _complain(self, name: str, text: str, segment: str, money: bool) -> None:
        self._transaction.note(name, text, segment, "balance" if money else "note")


def _note_stray(transaction: OpenTransaction, name: str) -> None:
    """Note a segment that belongs to no claim: money in it would be lost, so then nothing may be posted."""
    if name in ("SVC", "CAS"):
        transaction.note("segment_without_claim", f"{name} belongs to no claim", name, "balance")
    elif name not in _WITHOUT_MONEY:
        transaction.note("segment_unexpected", "a segment that an 835 does not have here", name[:3])
