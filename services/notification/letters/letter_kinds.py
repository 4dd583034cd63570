"""Which letters there are: for each its facts, a sample of them, and its folder.

A new letter is a folder under `letters/`, a model of its facts, and a line in `LETTERS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from services.notification.letters import cost_facts, coverage_facts, samples
from services.notification.letters.facts import LetterFacts, one_line

FOLDER = Path(__file__).parent / "templates"


class UnknownLetterError(LookupError):
    """There is no letter of that name; the message names the ones that come close, or all."""


class FactsError(ValueError):
    """The facts do not fit the letter. `missing` and `invalid` name the fields; no value is repeated."""

    def __init__(self, letter: str, missing: list[str], invalid: dict[str, str]) -> None:
        words = [f"missing: {', '.join(missing)}"] if missing else []
        words += [f"{field}: {problem}" for field, problem in invalid.items()]
        super().__init__(f"the facts of {letter} do not fit ({'; '.join(words)})")
        self.missing = missing
        self.invalid = invalid


@dataclass(frozen=True)
class LetterKind:
    """One letter: its folder's name, the model of its facts, facts to show it with, and who gets it.

    `urgent`: an account waits for the reader. It is sent before the others and at any hour, and where it cannot be
    delivered a person hears of it at once. `gathered`: it rests on what several insurers or listings say, which comes
    in bursts; it waits a moment for that. What was charged, asked for or promised a letter tells at once.
    """

    name: str
    facts: type[LetterFacts]
    sample: Mapping[str, Any]
    recipient: Literal["client", "provider"] = "client"
    urgent: bool = False
    gathered: bool = False

    @property
    def folder(self) -> Path:
        """Where subject.txt, body.txt and body.mjml are."""
        return FOLDER / self.name

    def sample_in(self, language: str) -> dict[str, Any]:
        """The sample facts; the few that are sentences are in `language`."""
        return {**self.sample, **samples.IN_OTHER_WORDS.get(language, {}).get(self.name, {})}


LETTERS: dict[str, LetterKind] = {
    kind.name: kind
    for kind in (
        LetterKind(
            "coordination-issue",
            coverage_facts.CoordinationIssue,
            samples.COORDINATION_ISSUE,
            urgent=True,
            gathered=True,
        ),
        LetterKind(
            "coordination-reminder", coverage_facts.CoordinationReminder, samples.COORDINATION_REMINDER, urgent=True
        ),
        LetterKind(
            "coordination-still-open",
            coverage_facts.CoordinationStillOpen,
            samples.COORDINATION_STILL_OPEN,
            urgent=True,
            gathered=True,
        ),
        LetterKind("account-unpaused", coverage_facts.AccountUnpaused, samples.ACCOUNT_UNPAUSED, gathered=True),
        LetterKind("plans-reordered", coverage_facts.PlansReordered, samples.PLANS_REORDERED, gathered=True),
        LetterKind("recertification-due", coverage_facts.RecertificationDue, samples.RECERTIFICATION_DUE),
        LetterKind(
            "secondary-not-billable", coverage_facts.SecondaryNotBillable, samples.SECONDARY_NOT_BILLABLE, gathered=True
        ),
        LetterKind("cost-final-refund", cost_facts.CostFinalRefund, samples.COST_FINAL_REFUND),
        LetterKind("cost-final-balance", cost_facts.CostFinalBalance, samples.COST_FINAL_BALANCE),
        LetterKind("cost-final-unchanged", cost_facts.CostFinalUnchanged, samples.COST_FINAL_UNCHANGED),
        LetterKind("cost-overdue", cost_facts.CostOverdue, samples.COST_OVERDUE),
        LetterKind("session-charged", cost_facts.SessionCharged, samples.SESSION_CHARGED),
        LetterKind("session-cancelled", cost_facts.SessionCancelled, samples.SESSION_CANCELLED),
        LetterKind("session-refused", cost_facts.SessionRefused, samples.SESSION_REFUSED, gathered=True),
        LetterKind(
            "coordination-question", coverage_facts.CoordinationQuestion, samples.COORDINATION_QUESTION, gathered=True
        ),
        LetterKind("plan-unknown", coverage_facts.PlanUnknown, samples.PLAN_UNKNOWN, gathered=True),
        LetterKind("new-link", coverage_facts.NewLink, samples.NEW_LINK),
        LetterKind(
            "provider-client-paused",
            coverage_facts.ProviderClientPaused,
            samples.PROVIDER_CLIENT_PAUSED,
            recipient="provider",
            gathered=True,
        ),
    )
}

GATHERED = frozenset(name for name, kind in LETTERS.items() if kind.gathered)
"""The letters that wait a moment for what may replace them."""


def letter_kind(name: str) -> LetterKind:
    """Return the letter called `name`. Raises UnknownLetterError."""
    try:
        return LETTERS[name]
    except KeyError:
        close = get_close_matches(name, LETTERS, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(LETTERS)}"
        raise UnknownLetterError(f"no such letter; {hint}") from None


def checked_facts(kind: LetterKind, facts: object) -> LetterFacts:
    """Return `facts` as the letter's model.

    Raises FactsError where a fact is missing, unknown, or not of its kind; TypeError for another letter's model.
    """
    if isinstance(facts, LetterFacts):
        if not isinstance(facts, kind.facts):
            raise TypeError(f"{kind.name} takes {kind.facts.__name__}, not {type(facts).__name__}")
        return facts
    if not isinstance(facts, Mapping):  # what a caller reads from a file may be anything
        raise FactsError(kind.name, [], {"facts": "must be an object, a name and a value for each fact"})
    try:
        return kind.facts.model_validate(facts)
    except ValidationError as error:
        raise _facts_error(kind, error) from None


def _facts_error(kind: LetterKind, error: ValidationError) -> FactsError:
    missing: list[str] = []
    invalid: dict[str, str] = {}
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        field = (
            one_line(".".join(str(step) for step in problem["loc"])) or "facts"
        )  # a caller's own name may be anything
        if problem["type"] == "missing":
            missing.append(field)
        else:
            invalid[field] = problem["msg"].removeprefix("Value error, ")
    return FactsError(kind.name, missing, invalid)
