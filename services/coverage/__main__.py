"""The commands of the coverage service: `python -m services.coverage <command>`."""

from shared.commands.command import Later, main
from shared.commands.service_commands import service_commands

_HERE = "services.coverage.commands"

COMMANDS = {
    **service_commands("services.coverage.app"),
    "issues": Later("The issues that wait for clients (reads DATABASE_URL_COVERAGE).", f"{_HERE}.issues"),
    "benefits": Later(
        "What the payers say of a client's plans, and --ask them anew (DATABASE_URL_COVERAGE).", f"{_HERE}.benefits"
    ),
    "erase": Later("Forget a client who asks for it, once nothing is open (DATABASE_URL_COVERAGE).", f"{_HERE}.erase"),
    "explain": Later("Which plan pays first for the facts in a JSON file, and why.", f"{_HERE}.explain"),
    "rules": Later(
        "Every rule of the order of benefits: its name, what it says, where it is written.", f"{_HERE}.rules"
    ),
}

if __name__ == "__main__":
    main("services.coverage", COMMANDS)
