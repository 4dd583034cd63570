"""The facts of the letters about coverage: which plan pays first, and whom the client must call."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from services.notification.letters.facts import ClientFacts, Day, LetterFacts, Line, PayerCall, Sentence, Url, one_line

MOST_CALLS = 10
MOST_PLANS = 10


def words_of(model: type[LetterFacts], field: str) -> frozenset[Any]:
    """The words that a fact can be."""
    return frozenset(get_args(model.model_fields[field].annotation))


class CallFacts(ClientFacts):
    """A letter that asks the client to call, and to give us what they heard."""

    calls: Annotated[tuple[PayerCall, ...], Field(min_length=1, max_length=MOST_CALLS)]
    """Whom to call, in the order of the calls; more than one where insurers contradict each other."""
    answer_url: Url
    """The signed link to the page that takes the answer."""
    answer_until: Day
    """The last day on which that link works."""
    paused_on: Day
    """The day of the pause: visits before it are not affected."""


class CoordinationIssue(CallFacts):
    """coordination-issue: an insurer says that there is an issue, the account is paused, only the client can help."""


class CoordinationReminder(CallFacts):
    """coordination-reminder: the same, on days 3, 7 and 14 without an answer."""

    last_reminder: bool = False
    """After this one a person of the team gets in touch."""


class CoordinationStillOpen(CallFacts):
    """coordination-still-open: the client has answered, but an insurer's records still say otherwise."""

    confirmed_on: Day
    """The day of the client's answer."""
    next_check_on: Day
    """When we ask the insurer again."""
    person_from: Day
    """From this day a person of the team takes it up."""


class AccountUnpaused(ClientFacts):
    """account-unpaused: visits can be confirmed again."""

    basis: Literal["payer_agrees", "client_confirmed"]
    """`payer_agrees`: the insurers' records fit; `client_confirmed`: on the client's word, and we keep watching."""
    plans: Annotated[tuple[Line, ...], Field(max_length=MOST_PLANS)] = ()
    """The plans in the order in which they pay, where it is known."""


class PlansReordered(ClientFacts):
    """plans-reordered: the plans were entered the other way round, we have put that right."""

    plans: Annotated[tuple[Line, ...], Field(min_length=2, max_length=MOST_PLANS)]
    """The plans in the order in which they pay."""
    reason: Literal[
        "payers_say",
        "own_plan_first",
        "birthday",
        "custody",
        "court_decree",
        "current_job_first",
        "continued_coverage_last",
        "longer_coverage_first",
        "public_program",
        "rules",
    ]
    """Why, as a word that the letter explains; `rules` where none of the others fits."""
    claims_corrected: bool = False
    """Claims had gone out in the other order, and we correct them."""


class RecertificationDue(ClientFacts):
    """recertification-due: the yearly question about other insurance, 60, 30 and 7 days before."""

    calls: Annotated[tuple[PayerCall, ...], Field(min_length=1, max_length=1)]
    """The one insurer that asks."""
    due_on: Day
    answer_url: Url
    """The signed link to the page that takes the answer."""
    answer_until: Day
    """The last day on which that link works."""
    several_plans: bool = False
    """The client has entered more than one plan."""
    one_plan_url: Url | None = None
    """Taken from callers that still give it, and not shown: that page asks before it takes such an answer."""


class SecondaryNotBillable(ClientFacts):
    """secondary-not-billable: care goes on with the first plan, the other one cannot be billed."""

    primary_payer_name: Line
    secondary_payer_name: Line
    reason: Literal[
        "secondary_out_of_network",
        "provider_not_credentialed",
        "coverage_inactive",
        "not_subject_to_cob",
        "no_shared_benefit",
        "earlier_plan_not_billed",
        "plan_not_entered",
        "other",
    ]
    search_url: Url | None = None
    """The search for a provider who can bill both plans; needed with `provider_not_credentialed`."""

    @model_validator(mode="after")
    def search_is_offered(self) -> Self:
        """A reader who can help themselves must be given the means."""
        if self.reason == "provider_not_credentialed" and self.search_url is None:
            raise ValueError("search_url is needed where the reason is provider_not_credentialed")
        return self


Topic = Literal[
    "whose_plan",
    "employment",
    "employer_size",
    "medicare",
    "covered_from",
    "holder_covered_from",
    "birthday",
    "mother_or_father",
    "parents",
    "custody",
    "court_order",
    "court_order_known",
    "step_parent",
    "card_in_use",
    "insurers_say",
    "other",
]
_TOPICS: dict[str, Topic] = {
    "relation": "whose_plan",
    "employment": "employment",
    "employer_size": "employer_size",
    "medicare_entitlement": "medicare",
    "esrd_month": "medicare",  # why someone has Medicare is health information: the page asks, the letter does not
    "subscriber.covered_from": "holder_covered_from",
    "subscriber_covered_from": "holder_covered_from",
    "covered_from": "covered_from",
    "continues_from": "covered_from",
    "birth_date": "birthday",
    "sex": "mother_or_father",
    "spouse_of": "step_parent",
    "reported_role": "insurers_say",
    "kind": "card_in_use",
    "parents": "parents",
    "custodian": "custody",
    "decree": "court_order",
    "known_to_plan_from": "court_order_known",
}


def question_topic(missing: str) -> Topic:
    """Return what to ask about for a missing fact, by its path (`plans.A.subscriber.birth_date`) or last name."""
    path = missing.split(",", maxsplit=1)[0].strip()
    fitting = [ending for ending in _TOPICS if path == ending or path.endswith(f".{ending}")]
    return _TOPICS[max(fitting, key=len)] if fitting else "other"


class CoordinationQuestion(ClientFacts):
    """coordination-question: one fact is missing to know which plan pays first."""

    asks_about: Topic = "other"
    """What the question is about; the letter has its words, in both languages. `question_topic` finds it."""
    plans: Annotated[tuple[Line, ...], Field(max_length=MOST_PLANS)] = ()
    """The plans that the question names."""
    question: Sentence | None = None
    """The question in the letter's language, for `other` only. It must not speak of anyone's health.

    Without one the letter says that the page has the question.
    """
    answer_url: Url
    answer_until: Day

    @model_validator(mode="after")
    def question_is_whole(self) -> Self:
        """No question without the plan that it is about."""
        if self.asks_about not in _WITHOUT_A_PLAN and not self.plans:
            raise ValueError(f"plans is needed where asks_about is {self.asks_about}")
        return self


_WITHOUT_A_PLAN: frozenset[Topic] = frozenset(("other", "medicare", "parents", "custody", "court_order"))


class PlanUnknown(ClientFacts):
    """plan-unknown: an insurer names another plan, which the client has never entered."""

    payer_name: Line
    """Who named it."""
    named_payer_name: Line
    """The plan that it named."""
    pays_first: bool
    """The insurer says that the unknown plan pays first, so that claims wait."""
    answer_url: Url
    """The signed link to the page that takes the plan."""
    answer_until: Day


class NewLink(ClientFacts):
    """new-link: a client asked, on a page whose link had ended, for a new one."""

    page_url: Url
    page_until: Day
    """The last day on which the link works."""


class ProviderClientPaused(LetterFacts):
    """provider-client-paused: to the provider, once; there is nothing for them to do."""

    provider_name: Line
    client_initials: Annotated[str, Field(min_length=1, max_length=10), BeforeValidator(one_line)]
    """Enough for the provider to know who it is; the name stays out of the mail."""
    paused_on: Day
