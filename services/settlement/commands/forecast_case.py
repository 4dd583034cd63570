"""The case that `forecast` takes: its form, what makes it contradictory, and the answer as JSON."""

import argparse
from dataclasses import asdict
from typing import Any

from services.settlement.commands.case import Cents, Part, Percent, parse
from services.settlement.money.forecast import PrimaryResult, SecondaryTerms, forecast
from services.settlement.terms import LARGEST_CENTS
from shared.codes.payment_method import Method
from shared.commands.command import RefusedError, UnreadableInputError, file_argument, read_json


class PrimaryPart(Part):
    """What the primary decided."""

    allowed_cents: Cents
    deductible_cents: Cents
    coinsurance_cents: Cents
    copay_cents: Cents
    paid_cents: Cents
    denied: bool = False


class SecondaryPart(Part):
    """The secondary's terms; a plan that is not billed (`none`) needs only its method."""

    method: str
    allowed_cents: Cents | None = None
    deductible_remaining_cents: Cents | None = None
    coinsurance_percent: Percent | None = None
    copay_cents: Cents | None = None


class ForecastCase(Part):
    """One service, what the primary decided, the secondary's terms, and what the client has paid."""

    charge_cents: Cents
    primary: PrimaryPart
    secondary: SecondaryPart
    charged_cents: Cents


set_up = file_argument


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The forecast for the case in a file. Raises UnreadableInputError and RefusedError as `answer` does."""
    return answer(read_json(arguments.file))


def answer(document: Any) -> dict[str, Any]:
    """The forecast for a case as decoded JSON.

    Raises UnreadableInputError: a field is missing or wrong. RefusedError: the figures contradict each other.
    """
    case = parse(ForecastCase, document)
    primary = PrimaryResult(**case.primary.model_dump())
    terms = _terms(case.secondary)
    refusal = _contradiction(case, primary, terms)
    if refusal:
        raise RefusedError({"refused": True, "reason": refusal[0], "why": refusal[1]})
    return asdict(forecast(case.charge_cents, primary, terms, case.charged_cents)) | {"method": terms.method.value}


def _terms(part: SecondaryPart) -> SecondaryTerms:
    try:
        method = Method(part.method)
    except ValueError:
        raise UnreadableInputError(f"secondary.method: must be one of {', '.join(Method)}") from None
    stated = part.model_dump(exclude={"method"}, exclude_none=True)
    absent = [name for name in SecondaryPart.model_fields if name != "method" and name not in stated]
    if absent and method is not Method.NONE:
        raise UnreadableInputError(f"secondary.{absent[0]}: is missing")
    return SecondaryTerms(method, **stated)


def _contradiction(case: ForecastCase, primary: PrimaryResult, terms: SecondaryTerms) -> tuple[str, str] | None:
    """Why the case must not be answered, as a reason and a sentence; None where it may be."""
    amounts = {
        "charge_cents": case.charge_cents,
        "charged_cents": case.charged_cents,
        "primary.allowed_cents": primary.allowed_cents,
        "primary's share and payment": primary.patient_responsibility_cents + primary.paid_cents,
        "secondary.allowed_cents": terms.allowed_cents,
        "secondary.deductible_remaining_cents": terms.deductible_remaining_cents,
        "secondary.copay_cents": terms.copay_cents,
    }
    for name, cents in amounts.items():
        if cents > LARGEST_CENTS:
            return "amount_too_large", f"{name} is {cents}: more than {LARGEST_CENTS} cents is taken for a wrong unit"
    if primary.denied and primary.paid_cents:
        return "denied_but_paid", f"the primary denied the service and yet paid {primary.paid_cents}"
    accounted = primary.paid_cents + primary.patient_responsibility_cents
    if not primary.denied and accounted > primary.allowed_cents:
        return (
            "more_than_allowed",
            f"the primary's payment and the client's share make {accounted}, more than the {primary.allowed_cents} "
            "that it allowed",
        )
    return None
