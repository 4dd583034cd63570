"""What stands before the provider search: its query, and a route that reads it from the address at the least cost.

The search is the one request that comes hundreds of times a second. FastAPI describes it (OpenAPI); its reading of
parameters one by one, which costs more than the search itself, is replaced by one call of the same model.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.coverage.search.provider_search import MOST_PLANS
from shared.events.types import Day


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character is no text")
    return text


Typed = Annotated[str, AfterValidator(_without_nul)]
Plans = Annotated[
    list[Annotated[Typed, Field(max_length=100)]],
    Field(min_length=1, max_length=MOST_PLANS, description="Plan ids; every one must be billable."),
]
StateCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="Where the client is, two letters.")]


class SearchQuery(BaseModel):
    """The parameters of /providers."""

    plan: Plans
    state: StateCode
    on: Annotated[Day, Field(description="The date of the session; today without it.")] | None = None
    q: Annotated[Typed, Field(max_length=100, description="The beginning of a first, last or whole name.")] = ""
    cursor: Annotated[str, Field(max_length=300, description="`next` of the page before.")] | None = None


class QueryRoute(APIRoute):
    """A route whose endpoint takes one `SearchQuery` and returns a response."""

    several: ClassVar = ("plan",)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the query, call the endpoint. Raises RequestValidationError as any other route does."""
        endpoint = self.endpoint

        async def answer(request: Request) -> Response:
            return await endpoint(_read(request.scope["query_string"]))

        return answer


def _read(query: bytes) -> SearchQuery:
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in QueryRoute.several:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    try:
        return SearchQuery.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(_placed(error), body=None) from None


def _placed(error: ValidationError) -> list[Mapping[str, Any]]:
    """The errors, each with its place in the query."""
    problems = error.errors(include_url=False, include_context=False)
    return [{**problem, "loc": ("query", *problem["loc"])} for problem in problems]
