"""The 999 (005010X231A1), and the 997 before it, as values: was what we sent well-formed."""

from dataclasses import dataclass, field

from shared.x12.syntax.problems import Problem


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """One IK3 or IK4: where in the set, and what. `element` is "" for a fault of the whole segment."""

    segment: str
    position: int | None
    code: str
    loop: str = ""
    element: str = ""
    element_code: str = ""
    value: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgedSet:
    """The answer about one transaction set. `code` is IK501: A, E (accepted with errors), R, P, M, W, X."""

    control: str
    set_id: str = ""
    code: str = "A"
    errors: tuple[SyntaxFault, ...] = ()
    error_codes: tuple[str, ...] = ()
    implementation: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the set was taken; with A and E it was."""
        return self.code in ("A", "E")


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """The answer about one functional group (AK1 .. AK9). `control` is GS06 of what we sent."""

    functional_id: str
    control: str
    code: str
    sets: tuple[AcknowledgedSet, ...] = ()
    implementation: str = ""
    sets_included: int | None = None
    sets_received: int | None = None
    sets_accepted: int | None = None
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the whole group and every set named were taken (P, partially, is not the whole)."""
        return self.code in ("A", "E") and all(answered.accepted for answered in self.sets)
