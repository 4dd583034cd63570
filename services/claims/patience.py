"""How long claims waits for others; set by the operator."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How many days we wait: for an undetermined order, and for the 835 of a payer that a claim was forwarded to."""

    undetermined_days: int = 7
    crossover_days: int = 30


@dataclass(frozen=True)
class ChasePatience:
    """Days without a word after which a payer is asked, by state; how often; and days between two questions."""

    unacknowledged_days: int = 3
    undecided_days: int = 21
    between_days: int = 7
    questions: int = 3
