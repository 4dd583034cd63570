"""Makes the plan of a world from its seed."""

from tests.simulation.moves import Move, Plan

PROCEDURE = "90837"


def ordinary(seed: int) -> Plan:
    """Two plans, one session, and everything in the best order."""
    directory = [move for payer in "AB" for move in _payer(payer)]
    client = [Move("provider"), Move("register"), Move("plans", told={"plans": ["A", "B"]})]
    session = [Move("confirm", told={"session": 0, "procedures": [PROCEDURE]}), Move("complete", told={"session": 0})]
    return Plan(seed, (*directory, *client, *session))


def _payer(payer: str) -> list[Move]:
    return [
        Move("payer", told={"payer": payer}),
        Move("credential", told={"payer": payer}),
        Move("rate", told={"payer": payer, "procedure": PROCEDURE}),
    ]
