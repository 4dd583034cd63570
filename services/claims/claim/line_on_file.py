"""A service line of a claim, as it is kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LineOnFile:
    """A service line as we billed it; `control` is REF*6R."""

    control: str
    procedure: str
    modifiers: tuple[str, ...]
    charge_cents: int

    @property
    def service_from(self) -> None:
        """No sign to tell lines apart: a session's services are all of its one day."""
        return None
