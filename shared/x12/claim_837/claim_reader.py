"""Reading one claim of an 837: loop 2300 (CLM) with its providers, other payers and lines.

Source of the rule: 005010X222A1, loops 2300 to 2430.
"""

from dataclasses import replace

from shared.x12.claim_837.balance import claim_problems
from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim, Segment
from shared.x12.claim_837.level_reader import LevelReader
from shared.x12.claim_837.line_reader import OpenAdjudication, OpenLine, carried
from shared.x12.claim_837.other_payer_reader import OpenOtherPayer
from shared.x12.syntax.envelope import OpenTransaction, element, keep
from shared.x12.syntax.loops import amount_cents, provider_from_nm1, with_place, with_street
from shared.x12.syntax.parties import NO_PROVIDER, Provider
from shared.x12.syntax.problems import Problem

_ROLES = {"82": "rendering", "DN": "referring", "P3": "referring", "77": "facility", "FA": "facility"}
_CARRIED = frozenset(("DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC"))


class ClaimReader:
    """Builds one claim out of the segments from its CLM on."""

    def __init__(self, transaction: OpenTransaction, clm: list[str]) -> None:
        self._transaction = transaction
        self._position = transaction.position
        self._clm = clm
        self.problems: list[Problem] = []
        self._charge_cents = amount_cents(element(clm, 2), self.complain, "CLM", "CLM02 (charge)")
        if not element(clm, 1):
            self.complain("claim_without_id", "CLM01 is empty", "CLM", False)
        self._diagnoses: list[tuple[str, str]] = []
        self._references: dict[str, str] = {}
        self._carried: list[Segment] = []
        self._providers: dict[str, Provider] = {}
        self._role = ""
        self._others: list[OpenOtherPayer] = []
        self._lines: list[OpenLine] = []
        self._adjudications: list[OpenAdjudication] = []
        self._loop = "claim"

    @property
    def component(self) -> str:
        """The component separator in use."""
        return self._transaction.delimiters.component

    def complain(self, name: str, text: str, segment: str, money: bool) -> None:
        """Note a problem of this claim."""
        kind = "balance" if money else "note"
        keep(self.problems, Problem(name, text, segment, self._transaction.position, None, kind))

    def take(self, elements: list[str]) -> None:
        """Read one segment of the claim."""
        match elements[0]:
            case "SBR":
                self._loop = "other"
                self._others.append(OpenOtherPayer(elements))
            case "LX":
                self._open_line()
            case "SV1" | "SV2" | "SV3":
                if self._loop != "line" or self._lines[-1].charged:
                    self._open_line()
                self._lines[-1].take_service(elements, self)
            case "SVD" if self._lines:
                self._loop = "adjudication"
                self._adjudications.append(OpenAdjudication(len(self._lines), elements, self))
            case _:
                self._take_within(elements)

    def finish(self, levels: LevelReader) -> ProfessionalClaim:
        """The claim, with what does not add up in it."""
        lines = tuple(line.finish(self) for line in self._lines)
        others = self._finish_others()
        self.problems += claim_problems(self._charge_cents, lines, others, self._position)
        for other in others:
            dated = other.adjudicated_on is not None or (
                other.lines and all(line.adjudicated_on for line in other.lines)
            )
            if other.adjudicated and not dated:
                text = f"payer {other.responsibility or '?'} has decided, and no DTP*573 says when"
                self.complain("adjudication_date_missing", text, "DTP", False)
        clm, sbr = self._clm, levels.sbr
        place, _, rest = element(clm, 5).partition(self.component)
        return ProfessionalClaim(
            id=element(clm, 1),
            charge_cents=self._charge_cents,
            billing=levels.billing,
            subscriber=levels.subscriber,
            payer=levels.payer,
            lines=lines,
            responsibility=element(sbr, 1).upper(),
            place=place,
            frequency=rest.rpartition(self.component)[2],
            diagnoses=tuple(code for _, code in self._diagnoses),
            diagnosis_kind=self._diagnoses[0][0] if self._diagnoses else "ABK",
            relation=levels.relation,
            patient=levels.patient,
            group_number=element(sbr, 3),
            group_name=element(sbr, 4),
            filing_indicator=element(sbr, 9).upper(),
            medicare_secondary_reason=element(sbr, 5),
            original_claim_id=self._references.get("F8", ""),
            prior_authorization=self._references.get("G1", ""),
            rendering=self._providers.get("rendering"),
            referring=self._providers.get("referring"),
            facility=self._providers.get("facility"),
            pay_to=levels.pay_to,
            other_payers=others,
            provider_signature=element(clm, 6).upper(),
            assignment=element(clm, 7).upper(),
            benefits_assigned=element(clm, 8).upper(),
            release=element(clm, 9).upper(),
            carried=tuple(self._carried),
            position=self._position,
            problems=tuple(self.problems),
        )

    def _open_line(self) -> None:
        self._loop = "line"
        self._lines.append(OpenLine())

    def _take_within(self, elements: list[str]) -> None:
        name = elements[0]
        if name == "NM1" and self._loop in ("line", "adjudication", "line party"):
            self._loop = "line party"
            self._lines[-1].take_party(elements, self)
        elif self._loop == "adjudication":
            self._adjudications[-1].take(elements, self)
        elif self._loop == "line":
            self._lines[-1].take(elements, self)
        elif self._loop == "other":
            self._others[-1].take(elements, self)
        elif self._loop == "claim":
            self._take_claim_segment(elements)
        elif name in ("CAS", "SVD"):
            self.complain("segment_without_claim", f"{name} belongs to no payer or line", name, True)
        elif self._loop == "line party":
            self._lines[-1].take_party(elements, self)

    def _take_claim_segment(self, elements: list[str]) -> None:
        name, qualifier = elements[0], element(elements, 1).upper()
        if name == "NM1":
            self._role = _ROLES.get(qualifier, "other")
            if self._role != "other":
                self._providers[self._role] = provider_from_nm1(elements)
        elif self._role:
            self._take_provider_segment(elements)
        elif name == "HI":
            self._take_diagnoses(elements)
        elif name == "REF" and qualifier in ("F8", "G1"):
            self._references[qualifier] = element(elements, 2)
        elif name in _CARRIED:
            self._carried.append(carried(elements, self.component))
        elif name in ("CAS", "SVD"):
            self.complain("segment_without_claim", f"{name} belongs to no payer or line", name, True)

    def _take_provider_segment(self, elements: list[str]) -> None:
        provider = self._providers.get(self._role, NO_PROVIDER)
        match elements[0]:
            case "PRV":
                provider = replace(provider, taxonomy=element(elements, 3))
            case "N3":
                provider = replace(provider, address=with_street(provider.address, elements))
            case "N4":
                provider = replace(provider, address=with_place(provider.address, elements))
            case _:
                return
        if self._role != "other":
            self._providers[self._role] = provider

    def _take_diagnoses(self, hi: list[str]) -> None:
        for composite in hi[1:]:
            kind, _, code = composite.strip().partition(self.component)
            kind, code = kind.upper(), code.partition(self.component)[0].replace(".", "").upper()
            if kind in ("ABK", "BK", "ABF", "BF") and code:
                self._diagnoses.append((kind, code))

    def _finish_others(self) -> tuple[OtherPayer, ...]:
        """The other payers, each with the lines that it decided about."""
        lines: list[list[LineAdjudication]] = [[] for _ in self._others]
        seen: dict[tuple[int, str], int] = {}
        for adjudication in self._adjudications:
            key = (adjudication.line, adjudication.payer_id)
            seen[key] = seen.get(key, 0) + 1
            named = [at for at, other in enumerate(self._others) if other.payer.id == adjudication.payer_id]
            if not named:
                named = list(range(len(self._others)))[:1] if len(self._others) == 1 else []
                text = "SVD01 names no payer of this claim"
                self.complain("adjudication_of_unnamed_payer", text, "SVD", not named)
            if named:
                lines[named[min(seen[key], len(named)) - 1]].append(adjudication.finish())
        return tuple(other.finish(tuple(own)) for other, own in zip(self._others, lines, strict=True))
