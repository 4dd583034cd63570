"""Reading one claim of an 835: loop 2100 (CLP) with its service lines (loop 2110, SVC).

One reader serves a whole set: `begin` at each CLP, `take` for what follows, `finish` for the value. It is the inner
loop of posting, so it favours plain indexing over prettier helpers.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from shared.x12.remittance_835.balance import claim_problems, line_off_cents, line_problem
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import cents, day, decimal
from shared.x12.syntax.envelope import OpenTransaction, keep
from shared.x12.syntax.loops import amount_cents, party_from_nm1, procedure, read_adjustments
from shared.x12.syntax.parties import Party
from shared.x12.syntax.problems import Problem

_BLANKS = [""] * 12
_PARTIES = {
    "QC": "patient",
    "IL": "subscriber",
    "74": "corrected_patient",
    "82": "rendering",
    "TT": "crossover_to",
    "PR": "corrected_priority_payer",
}
_STATUSES = frozenset(["1", "2", "3", "4", "5", "10", "13", "15", "16", "17", "19", "20", "21", "22", "23", "25", "27"])


class ClaimReader:
    """Builds one claim after the other out of the segments that it is given."""

    def __init__(self, transaction: OpenTransaction) -> None:
        self._transaction = transaction
        self._take: dict[str, Callable[[list[str]], None]] = {
            "CAS": self._cas,
            "NM1": self._nm1,
            "SVC": self._svc,
            "DTM": self._dtm,
            "REF": self._ref,
            "AMT": self._amt,
            "LQ": self._lq,
            "MOA": self._moa,
            "MIA": self._mia,
        }
        self.open = False

    def begin(self, clp: list[str]) -> None:
        """Start a claim at its CLP."""
        self.open = True
        self.problems: list[Problem] = []
        self._position = self._transaction.position
        clp = clp + _BLANKS
        self._head = [text.strip() for text in clp[1:10]]
        if not self._head[0]:
            self._complain("claim_without_id", "CLP01 is empty", "CLP", False)
        if self._head[1] not in _STATUSES:
            self._complain("claim_status_unknown", "CLP02 is no known claim status", "CLP", False)
        complain = self._complain
        self._charge_cents = amount_cents(clp[3], complain, "CLP", "CLP03 (charge)")
        self._paid_cents = amount_cents(clp[4], complain, "CLP", "CLP04 (paid)")
        self._patient_cents = amount_cents(clp[5], complain, "CLP", "CLP05 (patient)") if self._head[4] else None
        self._adjustments: list[Adjustment] = []
        self._lines: list[RemittedLine] = []
        self._remarks: list[str] = []
        self._parties: dict[str, Party] = {}
        self._amounts: list[tuple[str, int]] = []
        self._references: list[tuple[str, str]] = []
        self._dates: dict[str, date | None] = {}
        self._in_line = False

    def take(self, elements: list[str]) -> bool:
        """Read a segment that follows the CLP; False where it is none that belongs to a claim."""
        handler = self._take.get(elements[0])
        if handler is None:
            return False
        handler(elements)
        return True

    def finish(self) -> RemittedClaim:
        """The claim, with what does not add up in it."""
        self._finish_line()
        self.open = False
        adjustments, lines = tuple(self._adjustments), tuple(self._lines)
        self.problems += claim_problems(
            self._head[1], self._charge_cents, self._paid_cents, self._patient_cents, adjustments, lines, self._position
        )
        head, parties, dates = self._head, self._parties, self._dates
        return RemittedClaim(
            head[0],
            head[1],
            self._charge_cents,
            self._paid_cents,
            self._patient_cents,
            head[5],
            head[6],
            head[7],
            head[8],
            adjustments,
            lines,
            tuple(self._remarks),
            parties.get("patient"),
            parties.get("subscriber"),
            parties.get("corrected_patient"),
            parties.get("rendering"),
            parties.get("crossover_to"),
            parties.get("corrected_priority_payer"),
            dates.get("232"),
            dates.get("233"),
            dates.get("050"),
            tuple(self._amounts),
            tuple(self._references),
            self._position,
            tuple(self.problems),
        )

    def _complain(self, name: str, text: str, segment: str, money: bool) -> None:
        kind = "balance" if money else "note"
        keep(self.problems, Problem(name, text, segment, self._transaction.position, None, kind))

    def _svc(self, svc: list[str]) -> None:
        self._finish_line()
        svc = svc + _BLANKS
        component = self._transaction.delimiters.component
        self._in_line = True
        self._line_position = self._transaction.position
        self._line_procedure = procedure(svc[1], component)
        if not svc[2].strip():
            self._complain("line_without_charge", "SVC02 is empty; it counts as 0", "SVC", False)
        self._line_charge_cents = amount_cents(svc[2], self._complain, "SVC", "SVC02 (charge)")
        self._line_paid_cents = amount_cents(svc[3], self._complain, "SVC", "SVC03 (paid)")
        self._line_revenue_code = svc[4].strip()
        self._line_units = self._units(svc[5])
        self._line_billed = procedure(svc[6], component).code if svc[6] else ""
        self._line_adjustments: list[Adjustment] = []
        self._line_remarks: list[str] = []
        self._line_since = self._line_to = None
        self._line_control = ""
        self._line_allowed_cents: int | None = None

    def _units(self, text: str) -> Decimal:
        if not text.strip():
            return Decimal(1)
        value = decimal(text)
        if value is None:
            self._complain("quantity_not_readable", "SVC05 is no number; it counts as 1", "SVC", False)
        return Decimal(1) if value is None else value

    def _finish_line(self) -> None:
        if not self._in_line:
            return
        self._in_line = False
        service = self._line_procedure
        adjustments = tuple(self._line_adjustments)
        off_cents = line_off_cents(self._line_charge_cents, self._line_paid_cents, adjustments)
        if off_cents:
            self.problems.append(line_problem(len(self._lines) + 1, off_cents, self._line_position))
        self._lines.append(
            RemittedLine(
                self._line_charge_cents,
                self._line_paid_cents,
                service.code,
                service.modifiers,
                self._line_units,
                self._line_control,
                self._line_allowed_cents,
                adjustments,
                tuple(self._line_remarks),
                self._line_since,
                self._line_to,
                self._line_revenue_code,
                self._line_billed,
                service.qualifier,
            )
        )

    def _cas(self, cas: list[str]) -> None:
        into = self._line_adjustments if self._in_line else self._adjustments
        into += read_adjustments(cas, self._complain)

    def _nm1(self, nm1: list[str]) -> None:
        role = _PARTIES.get(nm1[1].strip().upper() if len(nm1) > 1 else "")
        if role is not None and not self._in_line:
            self._parties[role] = party_from_nm1(nm1)

    def _dtm(self, dtm: list[str]) -> None:
        if len(dtm) < 3:
            return
        qualifier, when = dtm[1], day(dtm[2].strip())
        if when is None:
            self._complain("date_not_readable", "DTM02 is no date", "DTM", False)
        if not self._in_line:
            self._dates[qualifier] = when
        elif qualifier == "472" or qualifier == "150":
            self._line_since = when
        elif qualifier == "151":
            self._line_to = when

    def _ref(self, ref: list[str]) -> None:
        if len(ref) < 3:
            return
        if not self._in_line:
            self._references.append((ref[1], ref[2].strip()))
        elif ref[1] in ("6R", "6r"):
            self._line_control = ref[2].strip()

    def _amt(self, amt: list[str]) -> None:
        if len(amt) < 3:
            return
        if self._in_line and amt[1] in ("B6", "b6"):
            self._line_allowed_cents = self._stated_cents(amt[2])
        elif not self._in_line and (value := self._stated_cents(amt[2])) is not None:
            self._amounts.append((amt[1], value))

    def _stated_cents(self, text: str) -> int | None:
        """An informational amount; it takes no part in any balance, so that garbage in it is only noted."""
        value = cents(text.strip())
        if value is None:
            self._complain("amount_not_readable", "AMT02 is no amount in whole cents", "AMT", False)
        return value

    def _lq(self, lq: list[str]) -> None:
        # LQ01 HE names a remark code (RARC); RX is a pharmacy's reject code.
        if len(lq) > 2 and lq[2].strip() and lq[1].strip().upper() in ("HE", ""):
            (self._line_remarks if self._in_line else self._remarks).append(lq[2].strip())

    def _moa(self, moa: list[str]) -> None:
        self._remarks += [code.strip() for code in moa[3:8] if code.strip()]

    def _mia(self, mia: list[str]) -> None:
        self._remarks += [code.strip() for code in mia[5:6] + mia[20:24] if code.strip()]
