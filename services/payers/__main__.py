"""The commands of the payers' stand-in: `python -m services.payers <command>`."""

from shared.commands.command import main
from shared.commands.service_commands import service_commands

COMMANDS = service_commands("services.payers.app")

if __name__ == "__main__":
    main("services.payers", COMMANDS)
