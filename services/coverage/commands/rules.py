"""The command `rules`: every rule of the order of benefits."""

import argparse

from services.coverage.order import rule


def run(_: argparse.Namespace) -> list[dict[str, str]]:
    """Each rule with its name, what it says, and where it is written."""
    return rule.table()
