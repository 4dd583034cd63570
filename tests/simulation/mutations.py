"""`python -m tests.simulation.mutations`: each promise bites. A line of a service is changed, and its check must fail.

The services are copied aside, lines of the copy are changed, and one world is run on it: broken is right. Where another
guard of the services would catch a change, that guard is changed, too. A line that is no longer there is said, so that
the list is kept up, and so is a promise without a mutation. Prints one JSON object a mutation.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.stack import Stack
from tests.simulation.drafting import MAIN, visit
from tests.simulation.generating import ordinary
from tests.simulation.moves import Move, Plan
from tests.simulation.promises.all import ENDS, PROMISES

ROOT = Path(__file__).parents[2]
_COPIED = ("services", "shared", "tests/services/notification", "tests/simulation", "deploy")


@dataclass(frozen=True)
class Change:
    """The first `line` of `file` becomes `to`."""

    file: str
    line: str
    to: str


@dataclass(frozen=True)
class Mutation:
    """With these changes the world that has `moves` beside the ordinary ones breaks `promise`."""

    promise: str
    changes: tuple[Change, ...]
    moves: tuple[Move, ...] = ()


def _answer(payer: str, how: str) -> Move:
    return Move("answer", told={"payer": payer, "session": 0, "nth": 0, "how": how, "after": 10.0})


def _follow(how: str, after: float, to: str = "less") -> Move:
    told = {"payer": "A", "session": 0, "nth": 0, "how": how, "after": after, "to": to, "apart": 3.0}
    return Move("follow", told=told)


_ACTS = "services/settlement/acts"
_PAUSES = "services/coverage/pauses"
_FILING, _REMITTANCES = "services/claims/filing", "services/claims/remittances"
MUTATIONS = (
    Mutation(
        "announced",
        (
            Change(
                "services/settlement/settings.py",
                "balance_days: Size = Field(default=7",
                "balance_days: Size = Field(default=1",
            ),
        ),
        (_answer("A", "deductible"), _answer("B", "nothing")),
    ),
    Mutation(
        "nobody_may_still_pay",
        (
            Change(
                "services/settlement/answers/awaited.py",
                "        return _as_claims_say(facts, facts.claims_say)",
                "        return Awaited(frozenset(), frozenset({Level.SECONDARY}))",
            ),
        ),
        (_answer("A", "deductible"), _answer("B", "silent")),
    ),
    Mutation(
        "final_is_final",
        (
            Change(
                "services/settlement/answers/awaited.py",
                "        return _as_claims_say(facts, facts.claims_say)",
                "        return Awaited(frozenset(), frozenset({Level.SECONDARY}))",
            ),
        ),
    ),
    Mutation(
        "told_is_done",
        (
            Change(
                f"{_ACTS}/settling.py",
                "            amount_cents=refund.cents,",
                "            amount_cents=refund.cents - 100,",
            ),
        ),
    ),
    Mutation(  # what goes back after a cancelled visit was once told by no letter
        "requested_is_told",
        (Change(f"{_ACTS}/settling.py", "refunds=refund is not None", "refunds=False"),),
        (Move("cancel", 5.0, {"session": 0}),),
    ),
    Mutation(
        "books",
        (
            Change(
                f"{_ACTS}/telling.py",
                "            final_cost_cents=final,",
                "            final_cost_cents=final + 500,",
            ),
        ),
    ),
    Mutation(
        "never_more_than_paid",
        (
            Change(
                f"{_ACTS}/settling.py",
                "            amount_cents=refund.cents,",
                "            amount_cents=refund.cents + 1000,",
            ),
        ),
    ),
    Mutation(
        "refund_ends",
        (
            Change(
                "services/settlement/money/settle.py",
                "    if facts.failed_refunds and",
                "    if not facts.failed_refunds and",
            ),
        ),
        (Move("refund", told={"session": 0, "nth": 0, "how": "fails"}),),
    ),
    Mutation(
        "billed",
        (
            Change(
                "services/claims/filing/when_to_file.py",
                "    if prior.left_to_client_cents <= 0 and not prior.denied:",
                "    if prior.left_to_client_cents >= 0 and not prior.denied:",
            ),
        ),
    ),
    Mutation(
        "not_before_its_day",
        (
            Change(
                "services/claims/filing/when_to_file.py",
                "    if facts.service_on is not None and today < facts.service_on:",
                "    if facts.service_on is not None and today > facts.service_on and facts.cancelled:",
            ),
        ),
        (
            Move("confirm", 1.0, {"session": 6, "procedures": ["90837"]}),
            Move("complete", 1.0, {"session": 6}),
        ),
    ),
    Mutation(
        "provider_paid",
        (
            Change(
                f"{_ACTS}/falling_due.py", "            amount_cents=amount,", "            amount_cents=amount - 100,"
            ),
        ),
    ),
    Mutation(  # what more was done is paid under the key of the first payment
        "provider_paid",
        (Change(f"{_ACTS}/falling_due.py", "len(session.facts.payouts))", "0)"),),
        (
            _answer("A", "silent"),
            Move("confirm", 30.0, {"session": 0, "procedures": ["90837", "96127"]}),
        ),
    ),
    Mutation(
        "withheld_is_seen",
        (
            Change(
                "services/claims/remittances/keeping_provider_adjustments.py", "    if comes_along or", "    if True or"
            ),
        ),
        (_follow("withhold", 30.0),),
    ),
    Mutation(
        "pauses_reach_a_person",
        (
            Change(
                "services/notification/sending/announcing.py",
                "    if row.urgent and row.reason not in NEEDLESS:",
                "    if row.urgent and row.state == 'failed' and row.reason not in NEEDLESS:",
            ),
        ),
        (_answer("A", "must_call"), Move("mailbox", 5.0, {"how": "returns", "lasts": 20.0, "after": 1.0})),
    ),
    Mutation(  # a balance whose letter came back is charged
        "announced",
        (
            Change(
                f"{_ACTS}/announcing.py", "    if session.announcement in _ANNOUNCED:", "    if session.announcement:"
            ),
        ),
        (
            _answer("A", "deductible"),
            _answer("B", "nothing"),
            Move("mailbox", 5.0, {"how": "returns", "lasts": 60.0, "after": 1.0}),
        ),
    ),
    Mutation(  # the rate comes when the payers have answered, and the estimate is charged all the same
        "announced",
        (
            Change(
                f"{_ACTS}/charging.py",
                "    if estimated.estimate_cents == 0 or",
                "    if estimated.estimate_cents < 0 and",
            ),
        ),
        (Move("rate", 40.0, {"payer": "A", "procedure": "90837"}),),
    ),
    Mutation(
        "letters_tell_the_books",
        (
            Change(
                f"{_ACTS}/telling.py",
                "    paid = session.facts.paid_cents - given_back_cents",
                "    paid = session.facts.paid_cents",
            ),
        ),
        (_follow("correct", 30.0),),
    ),
    Mutation(
        "costs",
        (Change("services/settlement/answers/final_cost.py", "    cost = min(cost, ceiling)", "    cost = ceiling"),),
    ),
    Mutation(
        "paused_by_payers",
        (
            Change(
                "shared/codes/carc.toml",
                '2 = { class = "ordinary", cost = "benefits"',
                '2 = { class = "client_must_call", cost = "benefits"',
            ),
        ),
    ),
    Mutation(
        "nothing_set_aside",
        (Change(f"{_ACTS}/paying.py", '    """The refund is on its way."""', "    raise ValueError"),),
    ),
    Mutation(
        "as_decided",
        (
            Change(
                f"{_FILING}/professional_claim.py",
                "        responsibility=RESPONSIBILITIES[0],",
                "        responsibility=RESPONSIBILITIES[1],",
            ),
            Change(
                f"{_FILING}/advancing.py",
                "    if problems := coordination_edits(document):",
                "    if problems := coordination_edits(document)[:0]:",
            ),
        ),
    ),
    Mutation(
        "after_those_before",
        (
            Change(f"{_FILING}/when_to_file.py", "    if prior is None:", "    if prior is None or facts.cleared:"),
            Change(
                f"{_FILING}/submitting.py",
                "    if prior is None:",
                "    if prior is not None and not prior.postings:\n        plans = plans[::-1]\n"
                "    if prior is None or not prior.postings:",
            ),
        ),
    ),
    Mutation(
        "posted",
        (
            Change(
                f"{_REMITTANCES}/posting.py",
                "        **named(claim),",
                '        **{**named(claim), "level": level_of(3)},',
            ),
            Change(f"{_REMITTANCES}/posting.py", "_sent_level(claim, judged.answered),", "None,"),
        ),
    ),
    Mutation(
        "reversal",
        (
            Change(
                "services/claims/claim/posted_remittance.py",
                "    if known in (Relation.AGAIN, Relation.PART):",
                "    if known in ():",
            ),
            Change(
                "services/claims/claim/posted_remittance.py",
                "taken_back(_stated(reversal), stated, known=known)}",
                'taken_back(replace(_stated(reversal), payer_claim_id=""), [_stated(standing[-1])])}',
            ),
        ),
        (_follow("correct_first", 30.0, to="pay"),),
    ),
    Mutation(
        "way_out",
        (Change("services/coverage/pauses/unpausing.py", "    if contrary:", "    if issues:"),),
        (_answer("A", "must_call"),),
    ),
    Mutation(  # the link of an earlier pause shows nothing of the one that is open
        "way_out",
        (
            Change(
                "services/coverage/pages/call_pages.py",
                "    if current is None:",
                "    if current is None or current.pause_id != subject['pause_id']:",
            ),
        ),
        (
            _answer("A", "must_call"),
            Move("report", told={"nth": 0, "after": 1.0}),
            *visit(20, (MAIN,), 0.0),
            Move("answer", told={"payer": "A", "session": 20, "nth": 0, "how": "must_call_all_the_same", "after": 3.0}),
            Move("call", told={"payer": "A", "how": "never"}),
            Move("report", told={"nth": 0, "after": 20.0}),
        ),
    ),
    Mutation(
        "letters_agree",
        (
            Change(
                f"{_ACTS}/telling.py", "    return session.told not in known", "    return bool(known) and bool(target)"
            ),
        ),
    ),
    Mutation(  # another edition of the cost follows in the same second
        "letters_agree",
        (Change(f"{_ACTS}/telling.py", "_APART = timedelta(minutes=1)", "_APART = timedelta(0)"),),
        (Move("write_off", 20.0, {"session": 0, "level": "secondary"}),),
    ),
    Mutation(
        "letters_arrive",
        (
            Change(
                "services/notification/letters/cost_facts.py",
                "        if self.paid_cents - self.final_cost_cents != self.refund_cents:",
                "        if self.paid_cents - self.final_cost_cents == self.refund_cents:",
            ),
        ),
    ),
    Mutation(
        "nothing_waits",
        (
            Change(
                f"{_ACTS}/falling_due.py",
                "    if session.final_cost_cents is not None or",
                "    if session.cleared or",
            ),
            Change(
                f"{_ACTS}/falling_due.py",
                "    if session.facts.completed and not session.facts.cancelled:\n        await",
                "    if session.facts.cancelled:\n        await",
            ),
            Change(
                "services/claims/claim/work_queue.py",
                "        tx.publish(\n            ClaimsR",
                "        str(\n            ClaimsR",
            ),
        ),
        (_answer("B", "silent"),),
    ),
    Mutation(
        "pauses_told",
        (
            Change(
                f"{_PAUSES}/pausing.py", "import AccountPaused, Coor", "import AccountPaused, AccountUnpaused, Coor"
            ),
            Change(
                f"{_PAUSES}/pausing.py",
                "    tx.publish(\n        AccountPaused(",
                "    over = {'client_id': current.client_id, 'pause_id': current.pause_id, 'unpaused_on': tx.today}\n"
                "    tx.publish(AccountUnpaused(**over, watched=False, order=('A', 'B')))\n"
                "    tx.publish(\n        AccountPaused(",
            ),
            Change(
                "services/notification/composing/still_true.py",
                "    if _is_about_a_pause_that_is_over(row, known):\n        return PAUSE_OVER",
                "    if row.letter:\n        return None",
            ),
        ),
        (_answer("A", "must_call"),),
    ),
    Mutation(
        "our_own_edits",
        (
            Change(
                f"{_FILING}/professional_claim.py",
                "        responsibility=RESPONSIBILITIES[0],",
                "        responsibility=RESPONSIBILITIES[1],",
            ),
        ),
    ),
    Mutation(
        "told_is_booked",
        (Change(f"{_ACTS}/telling.py", "            paid_cents=paid,", "            paid_cents=paid + 100,"),),
    ),
    Mutation(
        "ends",
        (
            Change(
                f"{_ACTS}/falling_due.py",
                "    if session.final_cost_cents is not None or",
                '    tx.schedule("alert", timer.client_id, timer.subject, tx.now)\n'
                "    if session.final_cost_cents is not None or",
            ),
        ),
        (_answer("B", "silent"),),
    ),
)


def main() -> int:
    """Try every mutation, or those of the promises named; 0 where each was caught."""
    named = set(sys.argv[1:])
    fine = True
    for promise in sorted(
        {promise.name for promise in (*PROMISES, ENDS)} - {mutation.promise for mutation in MUTATIONS}
    ):
        fine = False
        _say(promise, "has no mutation")
    with Stack.start(kafka=False, inbox=False, fsync=False, environ={}) as stack:
        assert stack.database_admin_url is not None
        for mutation in MUTATIONS:
            if not named or mutation.promise in named:
                said = _try(mutation, stack.database_admin_url)
                fine = fine and said == "caught"
                _say(mutation.promise, said)
    return 0 if fine else 1


def _say(promise: str, said: str) -> None:
    print(json.dumps({"name": "mutation", "promise": promise, "is": said}), flush=True)


def _try(mutation: Mutation, server: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for change in mutation.changes:
            file = copy / change.file
            text = file.read_text()
            if change.line not in text:
                return f"line not found: {change.line.strip()}"
            file.write_text(text.replace(change.line, change.to, 1))
        plan = copy / "plan.json"
        plan.write_text(_plan(mutation).to_json())
        command = [sys.executable, "-m", "tests.simulation", "--plan", str(plan), "--stories", "0", "--server", server]
        ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        return _read(ended.stdout, mutation.promise) or f"broke down: {ended.stderr[-300:]}"


def _read(lines: str, promise: str) -> str | None:
    told = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    if not told or told[-1]["name"] != "simulate":
        return None
    broken = {name for line in told if line["name"] == "broken" for name in line["promises"]}
    return "caught" if promise in broken else f"not caught, but {sorted(broken)}"


def _plan(mutation: Mutation) -> Plan:
    """The ordinary world, with the mutation's moves; a fact of the directory takes the place of its like."""
    instead = {_fact(move) for move in mutation.moves if move.kind in ("payer", "credential", "rate")}
    kept = [move for move in ordinary(1).moves if _fact(move) not in instead]
    return Plan(1, (*kept, *mutation.moves))


def _fact(move: Move) -> tuple[str, str | None, str | None]:
    return move.kind, move.get("payer"), move.get("procedure")


if __name__ == "__main__":
    sys.exit(main())
