"""`python -m services.claims states`: the life of a claim as a Mermaid diagram, as README.md shows it."""

import argparse

from services.claims.claim.claim_state import diagram


def run(_arguments: argparse.Namespace) -> str:
    """The diagram, drawn from the transition table."""
    return diagram()
