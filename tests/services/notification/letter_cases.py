"""Facts that lead through every branch of every letter, and readers of what comes out."""

import re
from html.parser import HTMLParser
from typing import Any, get_args

from services.notification.letters.coverage_facts import PlansReordered, SecondaryNotBillable, Topic
from services.notification.letters.letter_kinds import LETTERS

BLUEBIRD = {"payer_name": "Bluebird Health Plan", "member_phone": "1-800-555-0142", "member_hours": "Monday to Friday"}
SILENT = {"payer_name": "Harbor Mutual"}


def _words_of(model: Any, field: str) -> tuple[str, ...]:
    return get_args(model.model_fields[field].annotation)


VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in LETTERS),
    ("coordination-issue", {"calls": [BLUEBIRD, SILENT]}),
    ("coordination-issue", {"calls": [SILENT]}),
    ("coordination-reminder", {"calls": [BLUEBIRD], "last_reminder": True}),
    ("coordination-still-open", {"calls": [SILENT, BLUEBIRD]}),
    ("recertification-due", {"calls": [SILENT]}),
    ("account-unpaused", {"basis": "client_confirmed", "plans": []}),
    *(("plans-reordered", {"reason": reason}) for reason in _words_of(PlansReordered, "reason")),
    ("plans-reordered", {"claims_corrected": False}),
    *(("secondary-not-billable", {"reason": reason}) for reason in _words_of(SecondaryNotBillable, "reason")),
    ("cost-final-refund", {"corrects_letter_of": "2026-02-01"}),
    *(("cost-final-" + kind, {"given_back_cents": 2400}) for kind in ("refund", "balance", "unchanged")),
    ("cost-overdue", {"given_back_cents": 2400}),
    *(
        ("cost-final-balance", {"reason": reason})
        for reason in ("estimate_too_low", "nothing_charged", "deductible", "plan_did_not_pay", "payer_corrected")
    ),
    *(
        ("cost-final-unchanged", {"reason": reason})
        for reason in ("one_plan", "secondary_not_billed", "secondary_paid_nothing", "as_estimated")
    ),
    ("cost-final-unchanged", {"reason": "balance_forgiven", "final_cost_cents": 3050}),
    ("cost-overdue", {"final_cost_cents": 1000, "corrects_letter_of": "2026-02-01"}),
    ("cost-overdue", {"final_cost_cents": 4000, "waiting_for": None}),
    ("cost-overdue", {"reason": "claim_not_sent"}),
    ("cost-overdue", {"reason": "claim_refused", "waiting_for": None}),
    ("cost-overdue", {"reason": "answer_taken_back"}),
    ("cost-overdue", {"reason": "claim_being_replaced"}),
    ("cost-overdue", {"reason": "person_decides", "waiting_for": None}),
    ("cost-final-balance", {"reason": "charge_failed"}),
    ("cost-final-balance", {"reason": "paid_to_client", "sent_to_client_cents": 12000}),
    ("session-charged", {"has_second_plan": False, "rough_estimate": True}),
    ("session-charged", {"charged_cents": 0}),
    ("session-cancelled", {"paid_cents": 0, "refund_cents": 0}),
    ("session-cancelled", {"paid_cents": 600, "refund_cents": 600, "given_back_cents": 2400, "by_hand": True}),
    ("session-refused", {"reason": "primary_not_billable"}),
    ("session-refused", {"reason": "no_active_plan"}),
    ("session-refused", {"next_url": None, "next_until": None, "calls": []}),
    ("recertification-due", {"several_plans": True}),
    ("coordination-issue", {"calls": [BLUEBIRD, SILENT, BLUEBIRD]}),
    ("cost-final-refund", {"statement_until": None}),
    ("cost-final-refund", {"first_name": "Visit https://win.example now"}),
    *(("coordination-question", {"asks_about": topic, "question": "Which card?"}) for topic in get_args(Topic)),
    ("plan-unknown", {"pays_first": False}),
]
IDS = [f"{name}-{'-'.join(f'{k}={v}' for k, v in changes.items())[:60]}".strip("-") for name, changes in VARIANTS]
CLIENT_LETTERS = [name for name, kind in LETTERS.items() if kind.recipient == "client"]


def facts_for(name: str, changes: dict[str, Any], language: str = "en") -> dict[str, Any]:
    """The sample facts of a letter with some of them changed."""
    return {**LETTERS[name].sample_in(language), **changes}


class _Reader(HTMLParser):
    """Reads HTML as a person does: its words, its links, the shape of its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self._skip = ""
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.shape.append((tag, tuple(sorted(given))))
        if tag in {"title", "style"} or given.get("class") == "step" or "display:none" in given.get("style", ""):
            self._skip = tag
        if tag == "a":
            self._href = given["href"]
            self.links.append(self._href)
        if tag == "img":
            self.words += given["alt"].split()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skip:
            self._skip = ""
        if tag == "a" and self._href.startswith("http"):
            self.words.append(self._href)

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words += data.split()


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def words_of_html(html: str) -> list[str]:
    """The words that a person reads, a link's address after its words."""
    return [word.rstrip(":") for word in _read(html).words]


def words_of_text(text: str) -> list[str]:
    """The words of the plain text, without what stands for HTML's list marks and lines."""
    unmarked = re.sub(r"^(\d+\. |- |-{5,}$)", "", text, flags=re.MULTILINE)
    return [word.rstrip(":") for word in unmarked.split()]


def shape_of(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The tags and the names of their attributes, in order."""
    return _read(html).shape


def links_of(html: str) -> list[str]:
    """Where the links lead."""
    return _read(html).links


def sentences_of(text: str) -> list[str]:
    """The sentences of a letter, each heading and list entry for itself, without addresses and what is read out."""
    told = re.sub(r"https?://\S+|\S+@\S+", "", text)
    told = re.sub(r"“[^”]*”", "it", told)
    return [
        sentence
        for line in told.splitlines()
        for sentence in re.split(r"(?<=[.!?:])\s+", line)
        if re.search(r"\w", sentence)
    ]
