"""Which language a page is in."""

import pytest

from shared.pages.page_frame import chosen


@pytest.mark.parametrize(
    ("asked", "of_client", "accepted", "language"),
    [
        pytest.param("en", "es", "es", "en", id="what the reader chose comes first"),
        pytest.param(None, "es", "en-US", "es", id="then the client's own"),
        pytest.param(None, None, "fr-FR,es-MX;q=0.9,en;q=0.8", "es", id="then the browser's first that there is"),
        pytest.param("xx", "de", "", "en", id="English otherwise"),
        pytest.param("../etc", None, "x" * 100_000, "en", id="whatever is sent"),
    ],
)
def test_the_language_of_a_page(asked: str | None, of_client: str | None, accepted: str, language: str):
    assert chosen(asked, of_client, accepted) == language
