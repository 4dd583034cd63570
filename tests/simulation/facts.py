"""The facts of a world as events: who the client is, which plans and payers there are, what is done in a session.

The people are always the same. The client's own plan is A, the spouse's is B, and a Medicaid plan is C: whoever knows
the order of benefits knows that they pay in this order. D is the plan of a new employer of the client.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from shared.events.clients import ClientChanged, ClientRegistered, CoordinationConfirmed, FactsStated, PlansEntered
from shared.events.directory import FactWithdrawn, PayerListed, ProviderCredentialed, ProviderListed, RateAgreed
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.events.types import Event
from tests.simulation.moves import Move

FIRST_DAY = date(2026, 3, 2)
LONG_AGO = "2019-01-01"
RATES = {"90837": 15_000, "90834": 11_000, "96127": 2_000}
"""What payers allow, by procedure, unless a move tells another rate."""
UPSTREAM = (
    "register",
    "readdress",
    "plans",
    "state",
    "payer",
    "provider",
    "credential",
    "rate",
    "withdraw",
    "confirm",
    "complete",
    "cancel",
)
SECOND_OF_A_DAY = 100
"""What is added to the number of a second session on one day."""
CHARGES = {"90837": 22_000, "90834": 16_000, "96127": 3_000}

_ADDRESS = {"line1": "12 Elm Street", "city": "Albany", "state": "NY", "postal_code": "12207"}
_SPOUSE = {
    "relation": "spouse",
    "first_name": "Kim",
    "last_name": "Doe",
    "birth_date": "1986-09-30",
    "gender": "M",
    "address": _ADDRESS,
}
_KINDS = {"C": "medicaid", "M": "medicare"}
_INDICATORS = {"C": "MC", "M": "MB"}


def day_of(move: Move) -> date:
    """The day of service that a move names: a session's number is its day, counted from the world's first one."""
    return FIRST_DAY + timedelta(days=move.get("on", move["session"] % SECOND_OF_A_DAY))


def session_in(control: str) -> int:
    """The session that a control number of ours stands for: its id, and then the level and the submission."""
    return int(control.rpartition("-")[0].rpartition("-")[2])


def _from_long_ago(move: Move) -> dict[str, str]:
    """The span of a fact of the directory: from long ago, to the day `until` where the move names one."""
    until = move.get("until")
    ends = {} if until is None else {"to_day": (FIRST_DAY + timedelta(days=until)).isoformat()}
    return {"from_day": LONG_AGO, **ends}


class Facts:
    """Makes the events of one world; `name` begins every id."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.client_id = name
        self.provider_id = f"{name}-P"

    def payer_id(self, letter: str) -> str:
        """The id of the payer of plan `letter`."""
        return f"{self.name}-{letter}"

    def session_id(self, number: int) -> str:
        """The id of a session."""
        return f"{self.name}-{number}"

    def session_number(self, session_id: str) -> int:
        """The session of this id."""
        return int(session_id.rpartition("-")[2])

    def event(self, move: Move) -> Event:
        """The event that a move of upstream publishes; `move.kind` is one of UPSTREAM."""
        makers: dict[str, Callable[[Move], Event]] = {
            "register": lambda move: ClientRegistered.model_validate({**self._details(), **move.told}),
            "readdress": self._changed,
            "plans": self._plans,
            "state": self._stated,
            "payer": self._payer,
            "provider": lambda _: self._provider(),
            "credential": self._credential,
            "rate": self._rate,
            "withdraw": self._withdrawn,
            "confirm": self._confirmed,
            "complete": self._completed,
            "cancel": lambda move: SessionCancelled.model_validate(self._whose(move)),
        }
        return makers[move.kind](move)

    def _details(self) -> dict[str, Any]:
        return {
            "client_id": self.client_id,
            "first_name": "Sam",
            "last_name": "Doe",
            "email": f"{self.name.lower()}@example.test",
            "birth_date": "1988-04-12",
            "gender": "F",
            "address": _ADDRESS,
        }

    def _changed(self, move: Move) -> Event:
        """The client has another address, or what the move tells: `email` None, `letters` none."""
        told = {"email": f"{self.name.lower()}new@example.test", **move.told}
        return ClientChanged.model_validate({**self._details(), **told})

    def _plans(self, move: Move) -> Event:
        plans = [{**self._plan(letter), **move.get("but", {}).get(letter, {})} for letter in move["plans"]]
        return PlansEntered.model_validate({"client_id": self.client_id, "plans": plans})

    def _plan(self, letter: str) -> dict[str, Any]:
        return {
            "plan_id": letter,
            "payer_id": self.payer_id(letter),
            "member_id": f"M{letter}0001",
            "kind": _KINDS.get(letter, "group"),
            "subscriber": _SPOUSE if letter == "B" else {"relation": "self"},
        }

    def _stated(self, move: Move) -> Event:
        said = {"client_id": self.client_id, "plans": move["plans"], "since": move.get("since")}
        return FactsStated.model_validate(said)

    def _payer(self, move: Move) -> Event:
        letter = move["payer"]
        return PayerListed.model_validate(
            {
                "payer_id": self.payer_id(letter),
                "name": f"Plan {letter}",
                "member_phone": "+1-800-555-0101",
                "in_network": [_from_long_ago(move)] if move.get("in_network", True) else [],
                "kind": _KINDS.get(letter, "group"),
                "filing_indicator": _INDICATORS.get(letter, "CI"),
            }
        )

    def _provider(self) -> Event:
        return ProviderListed.model_validate(
            {
                "provider_id": self.provider_id,
                "first_name": "Jo",
                "last_name": "Kim",
                "npi": "1999999984",
                "taxonomy": "103TC0700X",
                "address": _ADDRESS,
                "states": ["NY"],
                "email": f"{self.name.lower()}p@example.test",
            }
        )

    def _credential(self, move: Move) -> Event:
        said = {"provider_id": self.provider_id, "payer_id": self.payer_id(move["payer"]), "state": "NY"}
        return ProviderCredentialed.model_validate({**said, **_from_long_ago(move)})

    def _rate(self, move: Move) -> Event:
        procedure = move["procedure"]
        said = {"payer_id": self.payer_id(move["payer"]), "provider_id": self.provider_id, "procedure": procedure}
        cents = move.get("cents", RATES[procedure])
        return RateAgreed.model_validate({**said, "rate_cents": cents, **_from_long_ago(move)})

    def _withdrawn(self, move: Move) -> Event:
        """The credential with a payer, or the rate of a procedure, is said never to have held."""
        payer_id = self.payer_id(move["payer"])
        credential = f"credential:{self.provider_id}:{payer_id}:NY"
        fact = f"rate:{payer_id}:{self.provider_id}:{move['procedure']}" if move.get("procedure") else credential
        return FactWithdrawn(fact=f"{fact}:{LONG_AGO}")

    def _confirmed(self, move: Move) -> Event:
        return SessionConfirmed.model_validate(
            {
                **self._whose(move),
                "provider_id": self.provider_id,
                "date_of_service": day_of(move).isoformat(),
                "lines": [
                    {"procedure": procedure, "charge_cents": CHARGES[procedure]} for procedure in move["procedures"]
                ],
                "diagnoses": ["F411"],
            }
        )

    def _completed(self, move: Move) -> Event:
        return SessionCompleted.model_validate({**self._whose(move), "date_of_service": day_of(move).isoformat()})

    def _whose(self, move: Move) -> dict[str, Any]:
        return {"client_id": self.client_id, "session_id": self.session_id(move["session"])}

    def called(self, payer_id: str, on: date, reference: str, plan_first: str | None) -> Event:
        """The client called this payer, and support wrote down what it said."""
        return CoordinationConfirmed.model_validate(
            {
                "client_id": self.client_id,
                "payer_id": payer_id,
                "reference_number": reference,
                "confirmed_on": on.isoformat(),
                "confirmed_by": "client",
                "recorded_by": "staff",
                "channel": "phone",
                "primary_named": plan_first,
            }
        )
