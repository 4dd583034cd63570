"""Remitted lines as values, for the tests of the 835 and of what posts it."""

from collections.abc import Iterable
from dataclasses import replace

from shared.x12.remittance_835.remittance import RemittedLine


def negated(lines: Iterable[RemittedLine]) -> tuple[RemittedLine, ...]:
    """The lines as a reversal states them: every amount with the other sign."""
    return tuple(
        replace(
            line,
            charge_cents=-line.charge_cents,
            paid_cents=-line.paid_cents,
            adjustments=tuple(
                replace(adjustment, amount_cents=-adjustment.amount_cents) for adjustment in line.adjustments
            ),
        )
        for line in lines
    )
