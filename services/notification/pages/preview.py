"""Pages that show every letter with its sample facts, for whoever writes, translates or approves one."""

from email.policy import SMTP
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notification.letters.branding import Branding
from services.notification.letters.language import LANGUAGES, Language
from services.notification.letters.letter_kinds import LETTERS, UnknownLetterError, letter_kind
from services.notification.letters.render import NOBODY, Format, Letter, render
from services.notification.sending import message
from shared import clock

_LANGUAGE_NAMES = {"en": "English", "es": "Español"}
# A letter is shown as it is, but may fetch nothing and run nothing.
_LOCKED = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https:; base-uri 'none'"}
_PAGES = ImmutableSandboxedEnvironment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def routes(branding: Branding) -> APIRouter:
    """Return `GET /letters` and `GET /letters/{name}`, showing the letters under `branding`."""
    router = APIRouter(tags=["letters"])

    @router.get("/letters", response_class=HTMLResponse)
    def letters() -> HTMLResponse:  # pyright: ignore[reportUnusedFunction]
        """Every letter, in both languages, as HTML, text and the whole message."""
        return HTMLResponse(index_page(branding), headers=_LOCKED)

    @router.get("/letters/{name}", response_class=Response)
    def letter(  # pyright: ignore[reportUnusedFunction]
        name: str,
        language: Language = "en",
        shown_as: Annotated[Format, Query(alias="format")] = "html",
    ) -> Response:
        """One letter with its sample facts."""
        try:
            sample = letter_kind(name).sample_in(language)
        except UnknownLetterError as error:
            raise HTTPException(404, str(error.args[0])) from None
        return _response(render(name, sample, language, branding), shown_as, branding)

    return router


def index_page(branding: Branding) -> str:
    """Return the page that lists the letters."""
    shown = [
        {
            "name": kind.name,
            "recipient": kind.recipient,
            "about": (kind.facts.__doc__ or "").partition(": ")[2],
            "subjects": [
                {"language": language, "words": render(kind.name, kind.sample_in(language), language, branding).subject}
                for language in LANGUAGES
            ],
        }
        for kind in LETTERS.values()
    ]
    return _PAGES.get_template("letters.html").render(letters=shown, brand=branding, languages=_LANGUAGE_NAMES)


def _response(letter: Letter, shown_as: Format, branding: Branding) -> Response:
    match shown_as:
        case "html":
            return HTMLResponse(letter.html, headers=_LOCKED)
        case "text":
            return PlainTextResponse(letter.text)
        case "subject":
            return PlainTextResponse(letter.subject)
        case "eml":
            mail = message.build(letter, to=NOBODY, fact_id="preview", at=clock.now(), branding=branding)
            return PlainTextResponse(mail.as_string(policy=SMTP))
