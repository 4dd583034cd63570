"""`python -m tests.simulation.mutations`: each promise bites. A line of a service is changed, and its check must fail.

The services are copied aside, one line of the copy is changed, and one world is run on it: broken is right. A line
that is no longer there is said, so that the list is kept up. Prints one JSON object a mutation.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.generating import ordinary
from tests.simulation.moves import Move, Plan

ROOT = Path(__file__).parents[2]
_COPIED = ("services", "shared", "tests/simulation", "deploy")


@dataclass(frozen=True)
class Mutation:
    """`line` of `file` becomes `changed`; the world that has `moves` beside the ordinary ones breaks `promise`."""

    promise: str
    file: str
    line: str
    changed: str
    moves: tuple[Move, ...] = ()


def _answer(payer: str, how: str) -> Move:
    return Move("answer", told={"payer": payer, "session": 0, "nth": 0, "how": how, "after": 10.0})


def _follow(how: str, after: float) -> Move:
    told = {"payer": "A", "session": 0, "nth": 0, "how": how, "after": after, "to": "less", "apart": 3.0}
    return Move("follow", told=told)


_ACTS = "services/settlement/acts"
MUTATIONS = (
    Mutation(
        "announced",
        "services/settlement/settings.py",
        "balance_days: Size = Field(default=7",
        "balance_days: Size = Field(default=1",
        (_answer("A", "deductible"), _answer("B", "nothing")),
    ),
    Mutation(
        "nobody_may_still_pay",
        "services/settlement/answers/awaited.py",
        "        return _as_claims_say(facts, facts.claims_say)",
        "        return Awaited(frozenset(), frozenset({Level.SECONDARY}))",
        (_answer("A", "deductible"), _answer("B", "silent")),
    ),
    Mutation(
        "final_is_final",
        "services/settlement/answers/awaited.py",
        "        return _as_claims_say(facts, facts.claims_say)",
        "        return Awaited(frozenset(), frozenset({Level.SECONDARY}))",
    ),
    Mutation(
        "told_is_done",
        f"{_ACTS}/settling.py",
        "            amount_cents=refund.cents,",
        "            amount_cents=refund.cents - 100,",
    ),
    Mutation(
        "books",
        f"{_ACTS}/telling.py",
        "            final_cost_cents=final,",
        "            final_cost_cents=final + 500,",
    ),
    Mutation(
        "never_more_than_paid",
        f"{_ACTS}/settling.py",
        "            amount_cents=refund.cents,",
        "            amount_cents=refund.cents + 1000,",
    ),
    Mutation(
        "refund_ends",
        "services/settlement/money/settle.py",
        "    if client.failed_cents:",
        "    if client.failed_cents < 0:",
        (Move("refund", told={"session": 0, "nth": 0, "how": "fails"}),),
    ),
    Mutation(
        "billed",
        "services/claims/filing/when_to_file.py",
        "    if prior.left_to_client_cents <= 0 and not prior.denied:",
        "    if prior.left_to_client_cents >= 0 and not prior.denied:",
    ),
    Mutation(
        "not_before_its_day",
        "services/claims/filing/when_to_file.py",
        "    if facts.service_on is not None and today < facts.service_on:",
        "    if facts.service_on is not None and today > facts.service_on and facts.cancelled:",
        (
            Move("confirm", 1.0, {"session": 6, "procedures": ["90837"]}),
            Move("complete", 1.0, {"session": 6}),
        ),
    ),
    Mutation(
        "provider_paid",
        f"{_ACTS}/falling_due.py",
        "            amount_cents=amount,",
        "            amount_cents=amount - 100,",
    ),
    Mutation(
        "withheld_is_seen",
        "services/claims/remittances/keeping_provider_adjustments.py",
        "    if comes_along or",
        "    if True or",
        (_follow("withhold", 30.0),),
    ),
    Mutation(
        "letters_tell_the_books",
        f"{_ACTS}/telling.py",
        "    paid = session.facts.paid_cents - given_back_cents",
        "    paid = session.facts.paid_cents",
        (_follow("correct", 30.0),),
    ),
    Mutation(
        "costs",
        "services/settlement/answers/final_cost.py",
        "    cost = min(cost, ceiling)",
        "    cost = ceiling",
    ),
    Mutation(
        "paused_by_payers",
        "shared/codes/carc.toml",
        '2 = { class = "ordinary", cost = "benefits"',
        '2 = { class = "client_must_call", cost = "benefits"',
    ),
    Mutation(
        "nothing_set_aside",
        f"{_ACTS}/paying.py",
        '    """The refund is on its way."""',
        "    raise ValueError",
    ),
)


def main() -> int:
    """Try every mutation, or those of the promises named; 0 where each was caught."""
    caught = True
    for mutation in MUTATIONS:
        if sys.argv[1:] and mutation.promise not in sys.argv[1:]:
            continue
        said = _try(mutation)
        caught = caught and said == "caught"
        print(
            json.dumps({"name": "mutation", "promise": mutation.promise, "file": mutation.file, "is": said}), flush=True
        )
    return 0 if caught else 1


def _try(mutation: Mutation) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / mutation.file
        text = file.read_text()
        if mutation.line not in text:
            return "line not found"
        file.write_text(text.replace(mutation.line, mutation.changed, 1))
        plan = copy / "plan.json"
        plan.write_text(_plan(mutation).to_json())
        command = [sys.executable, "-m", "tests.simulation", "--plan", str(plan), "--stories", "0"]
        ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        return _read(ended.stdout, mutation.promise) or f"broke down: {ended.stderr[-300:]}"


def _read(lines: str, promise: str) -> str | None:
    told = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    if not told or told[-1]["name"] != "simulate":
        return None
    broken = {name for line in told if line["name"] == "broken" for name in line["promises"]}
    return "caught" if promise in broken else f"not caught, but {sorted(broken)}"


def _plan(mutation: Mutation) -> Plan:
    """The ordinary world, with the mutation's moves; one about a payer takes the place of its like."""
    instead = {(move.kind, move.get("payer")) for move in mutation.moves if move.kind in ("payer", "credential")}
    kept = [move for move in ordinary(1).moves if (move.kind, move.get("payer")) not in instead]
    return Plan(1, (*kept, *mutation.moves))


if __name__ == "__main__":
    sys.exit(main())
