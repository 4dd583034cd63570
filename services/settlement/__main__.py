"""`python -m services.settlement`: run it, look at its books, forecast an answer, try a final cost."""

from shared.commands.command import Later, main
from shared.commands.service_commands import service_commands

_HERE = "services.settlement.commands"

COMMANDS = {
    **service_commands("services.settlement.app"),
    "show": Later("a session's entries, T-accounts and state (reads the database)", f"{_HERE}.books", "show"),
    "trial-balance": Later(
        "debits and credits of every account at a moment (reads the database)", f"{_HERE}.books", "trial_balance"
    ),
    "overdue": Later(
        "sessions whose final cost is late, the longest first (reads the database)", f"{_HERE}.books", "overdue"
    ),
    "reviews": Later(
        "what waits for a person: list, show, close, decide; payments that differ; erasures (reads the database)",
        f"{_HERE}.reviews",
    ),
    "forgive": Later("forgive what a client still owes for a session (writes to the database)", f"{_HERE}.forgive"),
    "forecast": Later("what the secondary is expected to pay of one service", f"{_HERE}.forecast_case"),
    "final": Later("the final cost from the payers' remittances; writes nothing", f"{_HERE}.final_case"),
}

if __name__ == "__main__":
    main("services.settlement", COMMANDS)
