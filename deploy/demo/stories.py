"""The stories, each through all four services: what upstream publishes, and what must come of it, in figures."""

import asyncio
import json
import re
import urllib.error
import urllib.parse
import urllib.request

from deploy.demo import cast
from deploy.demo.director import Scene, Story, StoryError
from shared.events.claims import AcknowledgmentReceived, ClaimAdjudicated, ClaimSubmitted, CoordinationQuestioned
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    ConfirmationAccepted,
    ConfirmationRefused,
    PlansCoordinated,
    RecertificationDue,
    SecondaryNotBillable,
    SessionCleared,
    SessionRefused,
)
from shared.events.notification import LetterSent
from shared.events.settlement import ClientCharged, CostFinalized, PayoutScheduled, RefundIssued
from shared.money import dollars

SENTENCE = (
    "My provider let me know there's an issue with my coordination of benefits"
    "—could you let me know which of my plans is primary?"
)


async def wrong_order(scene: Scene) -> None:
    """The secondary entered as the primary: re-ordered, charged on the primary's estimate, settled with a refund."""
    client = scene.client_id
    await scene.publish(
        cast.registered(client, scene.email, "Sam", "Rivera"),
        cast.entered(
            client,
            cast.spouses("spouses-plan", "PLANTWO", "TWO1001", "Alex", "Rivera"),
            cast.own("own-plan", "PLANONE", "ONE1001"),
        ),
    )
    order = await scene.sees(PlansCoordinated)
    scene.expects("order", (order.order, order.reordered), (("own-plan", "spouses-plan"), True))
    scene.says(f"plans re-ordered by themselves: own plan first ({order.rule})")
    await scene.sees(LetterSent, letter="plans-reordered")

    day = scene.today.isoformat()
    await scene.publish(cast.session(client, "wrong-order-1", day), cast.completed(client, "wrong-order-1", day))
    await _charged(scene, 3000)
    payout = await scene.sees(PayoutScheduled)
    scene.expects("payout", payout.amount_cents, 15000)
    scene.says(f"provider's pay of {dollars(payout.amount_cents)} scheduled for {payout.pay_on}")

    await _answered(scene, "primary", paid=12000, left=3000)
    await _answered(scene, "secondary", paid=2400, left=600)
    await _final(scene, cost=600, refund=2400)
    await scene.letter("$24.00")
    scene.story.outcome = "final cost 6.00, refund 24.00"


async def _charged(scene: Scene, cents: int) -> SessionCleared:
    cleared = await scene.sees(SessionCleared)
    charged = await scene.sees(ClientCharged)
    scene.expects("charge", charged.amount_cents, cents)
    scene.says(f"charged {dollars(cents)} on the primary's estimate alone")
    return cleared


async def _answered(scene: Scene, level: str, *, paid: int, left: int) -> None:
    """A claim goes to the payer of that level; some days later its 835 is posted."""
    sent = await _claimed(scene, level=level)
    scene.says(f"837P to the {level} ({sent.payer_id})")
    await scene.days_pass(6)
    answer = await scene.sees(ClaimAdjudicated, level=level, decides_benefits=True)
    scene.expects(f"{level}'s payment", (answer.paid_cents, answer.patient_responsibility_cents), (paid, left))
    scene.says(f"835 of the {level}: paid {dollars(paid)}, left {dollars(left)} to the client")


async def _claimed(scene: Scene, **fields: str) -> ClaimSubmitted:
    """A claim went out and the payer has it: only then may the days pass."""
    sent = await scene.sees(ClaimSubmitted, **fields)
    await scene.sees(AcknowledgmentReceived, session_id=sent.session_id, level=sent.level, set="277CA")
    return sent


async def _final(scene: Scene, *, cost: int, refund: int) -> None:
    final = await scene.sees(CostFinalized)
    scene.expects("final cost", (final.final_cost_cents, final.refund_cents), (cost, refund))
    if refund > 0:
        issued = await scene.sees(RefundIssued)
        scene.expects("refund", issued.amount_cents, refund)
        await scene.sees(LetterSent, letter="cost-final-refund")
        scene.says(f"final cost {dollars(cost)}: {dollars(refund)} went back, a letter says so")
    else:
        await scene.sees(LetterSent, letter="cost-final-unchanged")
        scene.says(f"final cost {dollars(cost)}, as estimated; a letter says why there is no refund")


async def secondary_out_of_network(scene: Scene) -> None:
    """In network with the primary only: care goes on, no secondary claim, the estimate is the final cost."""
    client = scene.client_id
    await scene.publish(
        cast.registered(client, scene.email, "Ana", "Marsh"),
        cast.entered(
            client,
            cast.own("own-plan", "PLANONE", "ONE2001"),
            cast.spouses("spouses-plan", "OUTNET", "OUT2001", "Jordan", "Marsh"),
        ),
    )
    order = await scene.sees(PlansCoordinated)
    scene.expects("order", (order.order, order.reordered), (("own-plan", "spouses-plan"), False))
    scene.says(f"the order is as entered ({order.rule})")
    day = scene.today.isoformat()
    await scene.publish(cast.session(client, "out-1", day), cast.completed(client, "out-1", day))
    cleared = await _charged(scene, 3000)
    scene.expects("the secondary", cleared.plans[1].reason, "secondary_out_of_network")
    await scene.sees(SecondaryNotBillable)
    await scene.sees(LetterSent, letter="secondary-not-billable")
    scene.says("the client is told once that the secondary cannot be billed")
    await _answered(scene, "primary", paid=12000, left=3000)
    await _final(scene, cost=3000, refund=0)
    scene.never_saw(ClaimSubmitted, level="secondary")
    scene.story.outcome = "no secondary claim, final cost 30.00"


async def coordination_issue(scene: Scene) -> None:
    """The payer says the client must call: paused, letter, refused session, reference number, unpaused, settled."""
    client = scene.client_id
    await scene.publish(
        cast.registered(client, scene.email, "Robin", "Okafor"),
        cast.entered(
            client,
            cast.own("own-plan", "DISPUTE", "DIS4001"),
            cast.spouses("spouses-plan", "PLANTWO", "TWO4001", "Robin", "Okafor"),
        ),
    )
    await scene.sees(PlansCoordinated)
    day = scene.today.isoformat()
    await scene.publish(cast.session(client, "issue-1", day), cast.completed(client, "issue-1", day))
    await _charged(scene, 2000)
    await _claimed(scene, level="primary")
    await scene.days_pass(6)
    question = await scene.sees(CoordinationQuestioned)
    scene.says(f"the payer answers {' + '.join(question.codes)}: only the client can settle that")
    paused = await scene.sees(AccountPaused)
    await scene.sees(LetterSent, letter="coordination-issue")
    letter = await scene.letter("could you let me know which of my plans is primary?")
    scene.says(f"account paused on {paused.paused_on}; the letter says whom to call and what to say")
    await scene.sees(LetterSent, letter="provider-client-paused")

    await scene.days_pass(1)
    await scene.publish(cast.session(client, "issue-2", scene.today.isoformat()))
    refused = await scene.sees(SessionRefused)
    scene.expects("refusal", refused.reason, "account_paused")
    scene.says("a session after the pause is refused")

    await scene.days_pass(1)
    await _report_the_call(scene, str(letter["text"]))
    await scene.sees(ConfirmationAccepted)
    scene.says("the client called, and reports the reference number on the page behind the letter's link")
    await scene.sees(AccountUnpaused)
    await scene.sees(LetterSent, letter="account-unpaused")
    scene.says("the plans were checked again and agree: unpaused")
    await _answered(scene, "primary", paid=13000, left=2000)
    await _answered(scene, "secondary", paid=1600, left=400)
    await _final(scene, cost=400, refund=1600)
    scene.story.outcome = "unpaused by the client's call, final cost 4.00, refund 16.00"


async def provider_not_credentialed(scene: Scene) -> None:
    """In network with the secondary, but this provider cannot bill it: the search finds one who can bill both."""
    client = scene.client_id
    await scene.publish(
        cast.registered(client, scene.email, "Mika", "Lindqvist"),
        cast.entered(
            client,
            cast.own("own-plan", "PLANONE", "ONE6001"),
            cast.spouses("spouses-plan", "PLANTWO", "TWO6001", "Kai", "Lindqvist"),
        ),
    )
    await scene.sees(PlansCoordinated)
    day = scene.today.isoformat()
    first = (cast.session(client, "cred-1", day, cast.COLLEAGUE), cast.completed(client, "cred-1", day))
    await scene.publish(*first)
    cleared = await _charged(scene, 3000)
    scene.expects("the secondary", cleared.plans[1].reason, "provider_not_credentialed")
    await scene.sees(LetterSent, letter="secondary-not-billable")
    await scene.letter("/search")
    scene.says("this provider cannot bill the secondary: a letter offers the search for one who can")

    providers = await asyncio.to_thread(_providers, scene.director.coverage_url, day)
    scene.expects("providers for both plans", providers, [cast.PROVIDER])
    scene.says("the search by both plans finds a provider who can bill both")
    await scene.publish(cast.session(client, "cred-2", day), cast.completed(client, "cred-2", day))
    await scene.sees(SessionCleared, session_id="cred-2")
    await _claimed(scene, session_id="cred-2", level="primary")
    await scene.days_pass(6)
    await _claimed(scene, session_id="cred-2", level="secondary")
    scene.says("the next session, with that provider, goes to both plans")
    await scene.days_pass(6)
    final = await scene.sees(CostFinalized, session_id="cred-2")
    scene.expects("final cost of the second session", final.final_cost_cents, 600)
    scene.never_saw(ClaimSubmitted, session_id="cred-1", level="secondary")
    scene.story.outcome = "first session 30.00, second 6.00 with both plans"


def _providers(coverage_url: str, day: str) -> list[str]:
    """The ids of the providers that the search by both plans gives."""
    query = urllib.parse.urlencode([("plan", "PLANONE"), ("plan", "PLANTWO"), ("state", "NY"), ("on", day)])
    answer = json.loads(_fetch(f"{coverage_url}/providers?{query}", None))
    return [provider["provider_id"] for provider in answer["providers"]]


async def recertification(scene: Scene) -> None:
    """Once a year the insurer's question: letters before it is due, silence after the client's answer."""
    client = scene.client_id
    await scene.publish(
        cast.registered(client, scene.email, "Lina", "Haddad"),
        cast.entered(
            client,
            cast.own("own-plan", "PLANONE", "ONE5001"),
            cast.spouses("spouses-plan", "PLANTWO", "TWO5001", "Noor", "Haddad"),
        ),
    )
    await scene.sees(PlansCoordinated)
    for _ in range(70):
        if scene.saw(RecertificationDue):
            break
        await scene.days_pass(6)
    due = await scene.sees(RecertificationDue)
    await scene.sees(LetterSent, letter="recertification-due")
    scene.says(f"{due.payer_name} asks once a year: a letter {due.days_before} days before it is due")

    await scene.publish(cast.confirmation(client, due.payer_id, scene.today, "provider"))
    refused = await scene.sees(ConfirmationRefused)
    scene.says(f"a provider tries to answer for the client: refused ({refused.reason})")
    letter = await scene.letter("/recertification/")
    await _report_the_call(scene, str(letter["text"]))
    await scene.sees(ConfirmationAccepted)
    scene.says("the client answers on the page behind the letter's link")
    await scene.days_pass(70)
    scene.never_saw(RecertificationDue)
    scene.story.outcome = "answered by the client; no further letter this year"


async def _report_the_call(scene: Scene, letter: str) -> None:
    """Open the link of the letter and send its form, as a browser would. Raises StoryError."""
    link = re.search(r"https?://\S+/(?:coordination|recertification)/[^\s#]+", letter)
    if link is None:
        raise StoryError("the letter has no link to the page")
    url = link.group().rstrip(").,>")
    page = await asyncio.to_thread(_fetch, url, None)
    call = re.search(r'name="call" value="([^"]+)"', page)
    if call is None:
        raise StoryError("the page has no form")
    form = {
        "call": call.group(1),
        "reference": "REF-2026-0417",
        "called_on": scene.today.isoformat(),
        "plan": "own-plan",
        "representative": "Pat",
    }
    await asyncio.to_thread(_fetch, url, form)


def _fetch(url: str, form: dict[str, str] | None) -> str:
    body = None if form is None else urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(url, body, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise StoryError(f"the page answered {error.code}") from None


def stories() -> list[Story]:
    """Every story, in the order of the README."""
    return [
        Story("wrong-order", "the secondary was entered first", wrong_order),
        Story("secondary-out-of-network", "in network with the primary only", secondary_out_of_network),
        Story("coordination-issue", "an insurer says that the client must call", coordination_issue),
        Story("provider-not-credentialed", "in network, but not this provider", provider_not_credentialed),
        Story("recertification", "a year passes", recertification),
    ]
