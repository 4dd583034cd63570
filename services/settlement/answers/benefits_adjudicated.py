"""Whether a payer's answer decides about benefits, from its adjustment reasons (CARC) and remarks (RARC).

A denial for missing information, coordination of benefits, eligibility, a wrong payer, a duplicate or late filing
says nothing about benefits and settles no cost; "not covered" does. Meanings follow X12's lists 139 (CARC) and 411
(RARC); a code in none of these sets goes to a person, never to a guess.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.x12.syntax.adjustments import Adjustment, total_cents


class Answer(StrEnum):
    """What a payer's answer is, gravest first. Only the last two decide about benefits."""

    COORDINATION = "coordination_denial"
    ELIGIBILITY = "eligibility_denial"
    WRONG_PAYER = "wrong_payer_denial"
    INFORMATION = "information_denial"
    LATE = "timely_filing_denial"
    UNKNOWN = "unknown_denial"
    DUPLICATE = "duplicate_denial"
    NOT_COVERED = "not_covered"
    BENEFITS = "benefits"

    @property
    def decides_benefits(self) -> bool:
        """Whether a cost may be settled on this answer."""
        return self in (Answer.NOT_COVERED, Answer.BENEFITS)


GRAVITY = {each: place for place, each in enumerate(Answer)}
"""The lower, the graver: of several answers in one claim the gravest counts."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ORDINARY = _codes(
    "1 2 3 23 24 42 44 45 59 66 69 70 74 75 76 85 89 90 91 94 97 100 102 103 104 105 118 121 122 131 132 139 142 144 "
    "161 169 172 178 187 192 194 205 209 223 225 229 231 232 234 235 236 237 241 245 247 248 249 253 271 281 303 "
    "A0 A5 B4 B10"
)
_REASONS = {
    Answer.COORDINATION: _codes("19 20 21 22 201 215"),
    Answer.ELIGIBILITY: _codes("13 14 26 27 31 32 33 34 140 166 177 200 257 277"),
    Answer.WRONG_PAYER: _codes("109 254 270 280 291 292 297 298 300 301 304 305 B11"),
    Answer.INFORMATION: _codes(
        "4 5 6 7 8 9 10 11 12 15 16 58 95 107 110 112 125 129 133 135 136 138 146 148 163 164 165 175 176 181 182 183 "
        "184 185 189 197 198 199 206 207 208 210 224 226 227 228 240 250 251 252 267 268 282 283 284 285 286 287 288 "
        "296 299 302 A1 A6 A8 B7 B12 B16 B22 B23"
    ),
    Answer.LATE: _codes("29"),
    Answer.DUPLICATE: _codes("18 193 B13"),
    Answer.NOT_COVERED: _codes(
        "35 39 40 49 50 51 53 54 55 56 60 61 78 96 108 111 114 116 117 119 128 149 150 151 152 153 154 155 157 158 159 "
        "160 167 168 170 171 173 174 179 180 188 202 203 204 213 216 222 233 242 243 246 256 258 272 273 274 275 276 "
        "279 B1 B5 B8 B9 B14 B15 B20"
    ),
}
_REMARKS = {
    Answer.COORDINATION: _codes("N197 N191 N179 N375 N376 N49 N581 N582 N686 MA83 MA64 N36 M32 N598"),
    Answer.ELIGIBILITY: _codes("N617 N618 N619 N687 N698"),
    Answer.WRONG_PAYER: _codes("N418 N747 N802 MA16 N104 N105"),
    Answer.INFORMATION: _codes(
        "MA04 N4 N479 N480 N48 N379 N541 MA92 N245 MA88 MA89 MA90 N307 MA99 M56 N811 MA130 N142 N152 N779 N798 N8"
    ),
    Answer.DUPLICATE: _codes("N522"),
}
_SHARE_WAIVED_REASONS = _codes("303")
_SHARE_WAIVED_REMARKS = _codes("N192 N364 N781 N782 N783 N833")


def share_is_waived(adjustments: Iterable[Adjustment], remarks: Collection[str]) -> bool:
    """Whether the payer says that the client owes nothing: a Qualified Medicare Beneficiary, or a share waived."""
    reasons = {each.reason for each in adjustments}
    return not (_SHARE_WAIVED_REASONS.isdisjoint(reasons) and _SHARE_WAIVED_REMARKS.isdisjoint(remarks))


def unknown_reasons(adjustments: Iterable[Adjustment]) -> tuple[str, ...]:
    """The adjustment reasons in no set of ours that move money."""
    return tuple(sorted({each.reason for each in adjustments if each.amount_cents and _of(each) is Answer.UNKNOWN}))


@dataclass(frozen=True, slots=True)
class Part:
    """What decides about one service line, or about a claim that came without lines."""

    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()
    denied: bool = False


def answer(part: Part) -> Answer:
    """What this part of a remittance says. `denied` is CLP02 4.

    A remark that says nothing about benefits counts on a denial only: on a paid or shared service it is a notice.
    """
    found = {_of(each) for each in part.adjustments if each.amount_cents}
    decided = part.paid_cents > 0 or _has_patient_share(part.adjustments)
    if decided:
        found.discard(Answer.UNKNOWN)
    if not decided and (part.denied or found & _DENYING or _nothing_left(part)):
        found |= _said_by(part.remarks)
    gravest = min(found, key=GRAVITY.__getitem__, default=Answer.BENEFITS)
    if gravest is not Answer.BENEFITS:
        return Answer.BENEFITS if decided and gravest is Answer.NOT_COVERED else gravest
    return Answer.UNKNOWN if part.denied and not decided else Answer.BENEFITS


_DENYING = frozenset(Answer) - {Answer.BENEFITS}
_MEANING = dict.fromkeys(_ORDINARY, Answer.BENEFITS) | {
    code: meaning for meaning, codes in _REASONS.items() for code in codes
}


def _of(adjustment: Adjustment) -> Answer:
    return _MEANING.get(adjustment.reason.upper().lstrip("0"), Answer.UNKNOWN)


def _said_by(remarks: Iterable[str]) -> set[Answer]:
    said = {remark.upper() for remark in remarks}
    return {meaning for meaning, codes in _REMARKS.items() if not codes.isdisjoint(said)} if said else set()


def _has_patient_share(adjustments: Iterable[Adjustment]) -> bool:
    """Whether the payer applied the service to the client's deductible, coinsurance or copay."""
    return any(each.group == "PR" and each.amount_cents > 0 and _of(each) is Answer.BENEFITS for each in adjustments)


def _nothing_left(part: Part) -> bool:
    return part.paid_cents == 0 and total_cents(part.adjustments, "PR") == 0
