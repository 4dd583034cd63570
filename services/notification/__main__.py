"""The commands of the notification service: `python -m services.notification <command>`."""

from shared.commands.command import Later, main
from shared.commands.service_commands import service_commands

_HERE = "services.notification.commands"

COMMANDS = {
    **service_commands("services.notification.app"),
    "render": Later("A letter as the client would get it.", f"{_HERE}.letters", "render"),
    "letters": Later("The names of the letters, as one JSON array.", f"{_HERE}.letters", "letters"),
    "facts": Later("The facts that a letter needs: their JSON Schema and a sample.", f"{_HERE}.letters", "facts"),
    "sent": Later("A client's letters: which, why, when, and what became of them.", f"{_HERE}.records", "sent"),
    "undelivered": Later("The letters that did not reach their readers.", f"{_HERE}.records", "undelivered"),
    "resend": Later("Send a letter once more.", f"{_HERE}.records", "resend"),
    "end-links": Later("Take back the links sent to a client so far.", f"{_HERE}.end_links", "end_links"),
    "bounce": Later("Take a mail that came back (a file, or - for standard input).", f"{_HERE}.records", "bounce"),
}

if __name__ == "__main__":
    main("services.notification", COMMANDS)
