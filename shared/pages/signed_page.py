"""What every page behind a signed link does alike: ended links are renewed, answers lead on, faults have words.

An answer is followed by a redirect (303), so that reloading and going back send nothing twice. Redirects name a path
alone, never the host that the request claims.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.requests import ClientDisconnect

from shared.events.types import Language, LinkRequest
from shared.pages.links import BadLinkError, ExpiredLinkError, Link, Purpose
from shared.pages.page_frame import LANGUAGES, chosen
from shared.pages.page_guard import HEADERS, FormTooLargeError, FormTooSlowError, TooOftenError, form_of
from shared.runtime.transaction import Transaction

METHODS = ["GET", "POST"]
REFUSED: Mapping[type[Exception], tuple[str, int]] = {
    BadLinkError: ("bad_link", 403),
    ExpiredLinkError: ("expired", 410),
    TooOftenError: ("too_often", 429),
    FormTooLargeError: ("too_large", 413),
    FormTooSlowError: ("too_slow", 408),
}
"""The word and the status for each reason why there is no page."""
_ABOUT: Mapping[Purpose, str] = {
    "coordination": "pause_id",
    "question": "missing",
    "recertification": "payer_id",
    "plan": "payer_id",
    "statement": "session_id",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says beside its link. `done`: what was just answered; `renewed`: a new link was asked for."""

    address: str
    path: str
    language: str | None
    accepted: str
    done: str | None = None
    step: str | None = None
    renewed: bool = False

    @classmethod
    def of(cls, request: Request, path: str) -> "Asked":
        """The parts of `request` that pages look at; `path` is the page's own."""
        query = request.query_params
        return cls(
            address=request.client.host if request.client is not None else "",
            path=path,
            language=next((known for known in LANGUAGES if known == query.get("lang")), None),
            accepted=request.headers.get("accept-language", ""),
            done=query.get("done", "")[:40] or None,
            step=query.get("step", "")[:40] or None,
            renewed=query.get("renewed") == "yes",
        )

    def in_language(self, of_client: str | None = None) -> Language:
        """The language of the page: as chosen on it, else the client's, else the browser's."""
        return chosen(self.language, of_client, self.accepted)

    def to(self, **query: str) -> str:
        """The path of this page with a query; a language that was chosen stays chosen."""
        kept = {"lang": self.language} if self.language is not None else {}
        parts = urlencode({**kept, **query})
        return f"{self.path}?{parts}" if parts else self.path

    def here(self, **query: str) -> str:
        """The address of what is shown now: of the thanks for an answer, of a further step; with more of a query."""
        state = {"done": self.done, "step": self.step, "renewed": "yes" if self.renewed else None}
        return self.to(**{name: value for name, value in state.items() if value is not None}, **query)

    def switched(self, shown: Language) -> str:
        """The address of what is shown now, in the language that it is not shown in."""
        return self.here(lang=next(language for language in LANGUAGES if language != shown))


async def form_in(request: Request) -> dict[str, str]:
    """The form of a request, read once. Raises FormTooLargeError, FormTooSlowError."""
    if not hasattr(request.state, "form"):
        try:
            request.state.form = await form_of(request.stream())
        except ClientDisconnect:
            raise FormTooSlowError from None
    return request.state.form


def see_other(path: str) -> RedirectResponse:
    """Go on to `path` with a GET."""
    return RedirectResponse(path, 303, headers=HEADERS)


def request_link(tx: Transaction, model: type[LinkRequest], link: Link) -> None:
    """Ask for a new link like `link`, to the address on file; often on one day is once."""
    about = link.subject.get(_ABOUT[link.purpose])
    tx.caused_by_fact(f"link:{link.purpose}:{link.client_id}:{about}:{tx.today}")
    tx.publish(model(client_id=link.client_id, purpose=link.purpose, about=about))


def refusal(error: Exception) -> tuple[str, int]:
    """The word and the status of the page for an exception; `unavailable` for what nobody expected."""
    return REFUSED.get(type(error), ("unavailable", 503))
