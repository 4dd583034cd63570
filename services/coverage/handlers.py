"""What coverage does with each event and timer: the table of contents of the service."""

from collections.abc import Mapping

from services.coverage.incoming.asking_since_when import on_since_unanswered
from services.coverage.incoming.benefits import on_ask_again, on_benefits_reported, on_interchange, on_silent
from services.coverage.incoming.clients import (
    on_benefits_requested,
    on_client_details,
    on_facts_of_no_plan,
    on_facts_stated,
    on_plans_entered,
)
from services.coverage.incoming.confirming import on_confirmed
from services.coverage.incoming.coordination_questioned import on_coordination_questioned, on_question
from services.coverage.incoming.directory import (
    on_fact_withdrawn,
    on_payer_listed,
    on_provider_credentialed,
    on_provider_listed,
)
from services.coverage.incoming.erasing import on_erasure_requested, on_erasure_timer, on_notification_erased
from services.coverage.incoming.sessions import (
    on_claim_adjudicated,
    on_claim_reversed,
    on_claim_submitted,
    on_directory_changed,
    on_never_confirmed,
    on_session_cancelled,
    on_session_completed,
    on_session_confirmed,
    on_session_day,
    on_session_waits,
)
from services.coverage.pauses.naming_plans import on_plan_stated
from services.coverage.pauses.pausing import on_reminder
from services.coverage.pauses.recertifying import on_recertification
from services.coverage.pauses.unpausing import on_look, on_person, on_watch
from shared.events import claims, clients, coverage, directory, erasure, notification, sessions
from shared.pages.link_versions import on_links_ended
from shared.runtime.interchange import Interchange
from shared.runtime.service import TimerHandler, wire, wired

HANDLERS = wired(
    wire(clients.ClientRegistered, on_client_details),
    wire(clients.ClientChanged, on_client_details),
    wire(notification.LinksEnded, on_links_ended),
    wire(erasure.ErasureRequested, on_erasure_requested),
    wire(erasure.NotificationErased, on_notification_erased),
    wire(clients.PlansEntered, on_plans_entered),
    wire(clients.FactsStated, on_facts_stated),
    wire(clients.BenefitsRequested, on_benefits_requested),
    wire(clients.CoordinationConfirmed, on_confirmed),
    wire(coverage.ConfirmationReceived, on_confirmed),
    wire(coverage.AnswerReceived, on_facts_stated),
    wire(coverage.PlanStated, on_plan_stated),
    wire(Interchange, on_interchange),
    wire(coverage.BenefitsReported, on_benefits_reported),
    wire(sessions.SessionConfirmed, on_session_confirmed),
    wire(sessions.SessionCompleted, on_session_completed),
    wire(sessions.SessionCancelled, on_session_cancelled),
    wire(claims.ClaimSubmitted, on_claim_submitted),
    wire(claims.ClaimAdjudicated, on_claim_adjudicated),
    wire(claims.ClaimReversed, on_claim_reversed),
    wire(claims.CoordinationQuestioned, on_coordination_questioned),
    wire(directory.PayerListed, on_payer_listed),
    wire(directory.ProviderListed, on_provider_listed),
    wire(directory.ProviderCredentialed, on_provider_credentialed),
    wire(directory.FactWithdrawn, on_fact_withdrawn),
)

TIMERS: Mapping[str, TimerHandler] = {
    "benefits.again": on_ask_again,
    "benefits.silent": on_silent,
    "session.waits": on_session_waits,
    "session.day": on_session_day,
    "completion": on_never_confirmed,
    "facts": on_facts_of_no_plan,
    "directory.changed": on_directory_changed,
    "question": on_question,
    "since": on_since_unanswered,
    "reminder": on_reminder,
    "look": on_look,
    "person": on_person,
    "watch": on_watch,
    "recertification": on_recertification,
    "erasure": on_erasure_timer,
}
