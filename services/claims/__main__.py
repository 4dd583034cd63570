"""The commands of the claims service: `python -m services.claims <command>`."""

from shared.commands.command import Later, main
from shared.commands.service_commands import service_commands

_HERE = "services.claims.commands"

COMMANDS = {
    **service_commands("services.claims.app"),
    "classify": Later("what a payer's codes mean, and whether the client must call", f"{_HERE}.classify"),
    "read": Later("any X12 interchange as JSON", f"{_HERE}.read"),
    "states": Later("the life of a claim as a Mermaid diagram", f"{_HERE}.states"),
    "secondary": Later("the secondary's claim from the primary's claim and remittance", f"{_HERE}.next_claim"),
    "list": Later("claims by state and age, the oldest first", f"{_HERE}.show", "list"),
    "show": Later("the whole story of a claim", f"{_HERE}.show", "show"),
    "resend": Later("send a claim again", f"{_HERE}.resend", "resend"),
    "write-off": Later("give a claim up, at the operator's cost", f"{_HERE}.resend", "write_off"),
    "release": Later("handle what waits under a parked key", f"{_HERE}.resend", "release"),
    "queue": Later("what waits for a person: list, show, resolve, post", f"{_HERE}.queue"),
    "dry-run": Later("what posting an 835 would do; nothing is written", f"{_HERE}.dry_run"),
    "proof": Later("a claim's proof of filing as one zip file", f"{_HERE}.proof"),
    "late": Later("claims that payers are late with: overdue, and silent", f"{_HERE}.late"),
}

if __name__ == "__main__":
    main("services.claims", COMMANDS)
