"""Whose answers are still to come for a session, and which of those that came settle its cost.

The claims service knows, and says it in `session.answers_awaited`. Nothing is inferred from what it sends, and no date
decides whether an answer still counts. Only for a session of which it has said nothing yet (one that was under way
when this event came to be) the older events are read instead.
"""

from dataclasses import dataclass, replace

from services.settlement.answers.adjudication import LEVELS, Adjudication, Level
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.answers.standing import standing
from shared.events.answers_awaited import AnswersAwaited, AwaitedAnswer, OtherAnswer

OUR_FAULT = {"filing_window_gone"}
"""Reasons for which a claim was never sent that are our fault, as a claim that was written off is."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """The levels of a session by what may still come of them.

    The cost waits for the answers at `levels`. From `silent` levels none is awaited: no claim goes there, or it was
    given up. What those in `borne` might have paid is the marketplace's to bear, never the client's.
    """

    levels: frozenset[Level]
    silent: frozenset[Level] = frozenset()
    borne: frozenset[Level] = frozenset()

    @property
    def first(self) -> Level | None:
        """The first level whose answer is awaited."""
        return next((level for level in LEVELS if level in self.levels), None)


def awaited(facts: SessionFacts) -> Awaited:
    """Whose answers are awaited, by the claims service's last word; where it has said nothing, by inference."""
    if facts.claims_say is not None:
        return _as_claims_say(facts, facts.claims_say)
    if facts.expected is None:
        return Awaited(frozenset(Level))
    plans = facts.plans
    borne = frozenset(plans[plan] for plan in facts.written_off & plans.keys())
    silent = borne | (frozenset(plans[plan] for plan in facts.given_up & plans.keys()) - {Level.PRIMARY})
    decided = {level for level, answers in _by_level(facts).items() if standing(answers).decisions}
    return Awaited(facts.expected - silent - decided, silent, borne)


def _as_claims_say(facts: SessionFacts, say: AnswersAwaited) -> Awaited:
    """Every plan of coverage's last decision, as the claims service has it; all wait while it has not caught up."""
    billed = frozenset(facts.expected or ())
    if not facts.plans or not _caught_up(facts, say):
        return Awaited(billed | {Level(plan.level) for plan in say.awaited} or frozenset(Level))
    spoken = {(plan.plan_id, plan.level): plan for plan in (*say.awaited, *say.not_awaited)}
    waiting, silent, borne = set[Level](), set[Level](), set[Level]()
    for plan_id, level in facts.plans.items():
        match spoken.get((plan_id, level.value)):
            case None:
                waiting |= {level} & billed  # it will be decided on
            case AwaitedAnswer():
                waiting.add(level)
            case OtherAnswer(why="answered"):
                pass
            case OtherAnswer(why=why, reason=reason):
                silent.add(level)
                borne |= {level} if why == "written_off" or reason in OUR_FAULT else set()
    return Awaited(frozenset(waiting), frozenset(silent), frozenset(borne))


def _caught_up(facts: SessionFacts, say: AnswersAwaited) -> bool:
    """Whether both services have read the same: coverage's last decision, and every answer posted so far."""
    return facts.decision in (None, say.decision) and set(say.posted) == set(facts.answers)


def claims_will_say_more(facts: SessionFacts) -> bool:
    """Whether the claims service's last word is older than what is known: its next one follows at once."""
    return facts.claims_say is not None and not _caught_up(facts, facts.claims_say)


def counted_answers(facts: SessionFacts, waits: Awaited) -> list[Adjudication]:
    """The answers that count, each at its plan's level by the last decision; those of a plan without one do not.

    Decisions that the claims service does not call current count no more. What was given up counts only where its
    payer decided about benefits all the same.
    """
    counted: list[Adjudication] = []
    for level, answers in _by_level(facts).items():
        kept = answers if facts.claims_say is None else _current(answers, facts.claims_say)
        if kept and (level not in waits.silent or standing(kept).decisions):
            counted += kept
    return counted


def _by_level(facts: SessionFacts) -> dict[Level, list[Adjudication]]:
    by_level: dict[Level, list[Adjudication]] = {}
    for answer in facts.answers.values():
        level = facts.level_of(answer.plan, answer.level)
        if level is not None:
            moved = answer if level is answer.level else replace(answer, level=level)
            by_level.setdefault(level, []).append(moved)
    return by_level


def _current(answers: list[Adjudication], say: AnswersAwaited) -> list[Adjudication]:
    """The current decisions; without one, answers that say why nothing is decided.

    Not an outdated decision, nor the refusal of a claim that its payer has in a new form by now.
    """
    current = [answer for answer in answers if answer.id in say.current]
    if current or not answers or _asked_again(answers[0], say):
        return current
    return [] if standing(answers).decisions else answers


def _asked_again(answer: Adjudication, say: AnswersAwaited) -> bool:
    """Whether the payer has our claim, and its next answer is the one that counts."""
    return any(plan.why == "sent" and plan.plan_id == answer.plan for plan in say.awaited)
