"""One session on the client's page: the figures, the reasons, what is awaited, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.settlement.answers.adjudication import LEVELS, Level
from services.settlement.money.expected import SecondaryKnown, expected_range
from services.settlement.money.progress import Clock, Progress, Step, Waiting, waiting
from services.settlement.money.settle import Target, settle
from services.settlement.settings import policy
from services.settlement.statement.page_words import day, money, words
from services.settlement.statement.refunds_told import gone_cents, refunds_told
from services.settlement.statement.statement import Billing, Outcome, SessionStatement, statement
from services.settlement.store import Session
from shared.events.types import Language


@dataclass(frozen=True, slots=True)
class Known:
    """What the statement takes from elsewhere: payers' names, and of sessions what their secondary's terms are.

    `of_day` names the client's visits of each day, in the order in which they were confirmed.
    """

    names: Mapping[str, str]
    secondaries: Mapping[str, SecondaryKnown]
    of_day: Mapping[date, Sequence[str]] = field(default_factory=dict[date, Sequence[str]])


def statement_of(session: Session, known: Known, today: date, language: Language) -> dict[str, Any]:
    """The session as the template shows it."""
    target = settle(session.name, session.facts, policy().terms.forgive_below_cents)
    payers = _payers(session, known)
    billing = Billing(session.date_of_service, payers, len(payers), session.edition > 1)
    shown = statement(session.session_id, session.facts, target, billing, language)
    progress = _waiting(session, target, known.secondaries.get(session.session_id), today)
    awaited = _awaited(session, target, progress, payers, language)
    return {
        "id": f"visit-{session.session_id}",
        "title": _title(session, known, language),
        "refunds": refunds_told(session.facts, shown.refunded_cents, language),
        "headline": _headline(session, shown, progress, language),
        "awaited": awaited,
        "why": _why(session, target, shown, language),
        "estimated": _estimated(session, shown, language),
        "plans": [_plan(part, session, language) for part in shown.plans],
        "sum": _sum(shown, gone_cents(session.facts), language),
        "day": _day(progress, shown, language),
        "steps": [_step(step, on, payers, language) for step, on in progress.happened],
    }


def _title(session: Session, known: Known, language: Language) -> str:
    """The visit by its day; where there are several on one day also by which of them it is."""
    of_day = known.of_day.get(session.date_of_service, ())
    on = day(session.date_of_service, language)
    if len(of_day) < 2 or session.session_id not in of_day:
        return words(language)["visit"].format(day=on)
    number = of_day.index(session.session_id) + 1
    return words(language)["visit_of"].format(day=on, number=number, of=len(of_day))


def _payers(session: Session, known: Known) -> dict[Level, str]:
    plans = session.cleared.plans if session.cleared is not None else ()
    return {Level(plan.level): known.names.get(plan.payer_id) or plan.payer_id for plan in reversed(plans)}


def _waiting(session: Session, target: Target, secondary: SecondaryKnown | None, today: date) -> Waiting:
    least_most = expected_range(session.facts, target, secondary)
    happened = dict(session.happened)
    for level in LEVELS:
        if level not in target.cost.paid_cents:  # a decision that was taken back has not happened
            happened.pop(Step(f"{level}_answered"), None)
    if target.final_cost_cents is None:
        happened.pop(Step.FINAL, None)
    progress = Progress(
        confirmed_on=happened.get(Step.CONFIRMED, today),
        happened=happened,
        billed=tuple(level for level in LEVELS if level in target.awaited.levels | target.cost.paid_cents.keys()),
        estimate_cents=session.estimate.estimate_cents if session.estimate is not None else 0,
        least_cents=None if least_most is None else least_most[0],
        most_cents=None if least_most is None else least_most[1],
        final_cost_cents=target.final_cost_cents,
    )
    return waiting(progress, today)


def _headline(session: Session, shown: SessionStatement, progress: Waiting, language: Language) -> str:
    t = words(language)
    if session.facts.cancelled:
        return t["cancelled"]
    if shown.final_cost_cents is None:
        same = progress.least_cents == progress.most_cents
        return t["open_one" if same else "open_range"].format(
            least=money(progress.least_cents, language), most=money(progress.most_cents, language)
        )
    amounts = {
        "cost": money(shown.final_cost_cents, language),
        "due": money(shown.balance_due_cents, language),
    }
    match shown.outcome:
        case Outcome.BALANCE:
            return t["final_balance"].format(**amounts)
        case Outcome.REFUND:
            return t["final_refund"].format(**amounts)
        case Outcome.UNCHANGED:
            return t["final_unchanged"].format(**amounts)
        case Outcome.OPEN:
            raise AssertionError("a final cost is not open")


def _awaited(
    session: Session, target: Target, progress: Waiting, payers: Mapping[Level, str], language: Language
) -> str | None:
    """What the client's cost waits for, in words; None where it waits for nothing."""
    t = words(language)
    if target.final_cost_cents is not None:
        return None
    if session.waits_for is not None:
        return t["awaited_rate"]
    if any(issue.holds for issue in target.review) and progress.awaited in (None, Step.FINAL):
        return t["awaited_person"]
    if progress.awaited is None:
        return t["awaited_final"]
    undecided = {issue.level for issue in target.review if issue.holds and issue.reason != "primary_missing"}
    level, _, what = progress.awaited.partition("_")
    if what == "answered" and level in undecided:
        return t["awaited_undecided"].format(payer=payers.get(Level(level), level))
    return _of_step("awaited", progress.awaited, payers, language)


def _of_step(kind: str, step: Step, payers: Mapping[Level, str], language: Language) -> str:
    """The words for a step; those of a plan's claim name the payer."""
    level, _, what = step.partition("_")
    if level not in list(Level):
        return words(language)[f"{kind}_{step}"]
    return words(language)[f"{kind}_{what}"].format(payer=payers.get(Level(level), level))


def _step(step: Step, on: date, payers: Mapping[Level, str], language: Language) -> dict[str, str]:
    return {"words": _of_step("step", step, payers, language), "on": day(on, language)}


def _why(session: Session, target: Target, shown: SessionStatement, language: Language) -> str | None:
    """Why it came out so: why there is no refund, why there is one, why a balance."""
    t = words(language)
    if shown.final_cost_cents is None or session.facts.cancelled:
        return None
    if target.cost.filed_late:
        return t["why_claim_given_up"]
    if target.on_day_90:
        return t["why_waited_90_days"]
    if Level.PRIMARY not in target.cost.paid_cents:
        return t["why_claim_given_up"]
    if shown.why is not None:
        return t[f"why_{shown.why}"]
    later_paid = any(part.paid_cents > 0 for part in shown.plans if part.level is not Level.PRIMARY)
    return t["why_secondary_paid" if later_paid else "why_estimate_too_high"]


def _estimated(session: Session, shown: SessionStatement, language: Language) -> str | None:
    """What the charge rested on, while it is all that the client knows."""
    if session.estimate is None or shown.final_cost_cents is not None:
        return None
    return words(language)["estimate" if session.estimate.confidence == "high" else "rough_estimate"]


def _plan(part: Any, session: Session, language: Language) -> dict[str, Any]:
    t = words(language)
    lines = [
        {"words": told.words, "amount": money(told.cents, language), "yours": told.is_yours}
        for told in part.adjustments
    ]
    return {
        "name": t[f"plan_{part.level}"].format(payer=part.payer),
        "charge": money(session.facts.charge_cents, language),
        "paid": money(part.paid_cents, language),
        "left": money(part.left_cents, language),
        "lines": lines,
    }


def _sum(shown: SessionStatement, gone_cents: int, language: Language) -> list[dict[str, Any]]:
    """The client's own account, line by line: it adds up to the final cost."""
    t = words(language)
    rows = [("paid", shown.paid_cents)]
    rows += [
        (word, cents)
        for word, cents in (
            ("given_back", -min(gone_cents, shown.refunded_cents)),
            ("coming_back", -max(0, shown.refunded_cents - gone_cents)),
            ("still_owed", shown.balance_due_cents),
            ("forgiven", shown.forgiven_cents),
            ("to_give_back", -shown.credit_cents),
        )
        if cents
    ]
    lines = [{"words": t[f"sum_{word}"], "amount": money(cents, language), "total": False} for word, cents in rows]
    if shown.final_cost_cents is not None:
        total = money(shown.final_cost_cents, language)
        lines.append({"words": t["sum_final"], "amount": total, "total": True})
    return lines


def _day(progress: Waiting, shown: SessionStatement, language: Language) -> str | None:
    if shown.outcome is not Outcome.OPEN:
        return None
    name = "day_over" if progress.clock is Clock.OVERDUE else "day_of"
    return words(language)[name].format(day=progress.day, of=progress.of_days, ends=day(progress.ends_on, language))
