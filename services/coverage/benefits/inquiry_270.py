"""The question to a payer about one plan and one date of service (270, 005010X279A1), from what the client entered."""

from services.coverage.plans.eligibility import Inquiry
from services.coverage.settings import Policy
from shared.events.clients import ClientDetails, EnteredPlan
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.parties import Payer, Person, Provider, Subscriber

SERVICE_TYPES = ("30", "MH")
_RELATIONS = {"spouse": "01", "parent": "19", "step_parent": "19"}
_OTHER_ADULT = "34"


def inquiry_to(
    client: ClientDetails, plan: EnteredPlan, payer: Payer, asked: Inquiry, config: Policy
) -> EligibilityInquiry:
    """The 270 for `asked`. Where somebody else holds the plan, the client is asked about as the dependent (2000D)."""
    patient = Person(client.last_name, client.first_name, birth_date=client.birth_date, sex=client.gender)
    holder = plan.subscriber
    own = holder.relation == "self"
    person = (
        patient
        if own
        else Person(
            holder.last_name or client.last_name,
            holder.first_name or "",
            birth_date=holder.birth_date,
            sex=holder.gender if holder.birth_date is not None else "",
        )
    )
    return EligibilityInquiry(
        trace=asked.trace,
        payer=payer,
        provider=Provider(config.billing_name, npi=config.billing_npi),
        subscriber=Subscriber(person, plan.for_care(asked.date_of_service).member_id or ""),
        on=asked.date_of_service,
        service_types=SERVICE_TYPES,
        dependent=None if own else patient,
        relation="18" if own else _RELATIONS.get(holder.relation, _OTHER_ADULT),
    )
