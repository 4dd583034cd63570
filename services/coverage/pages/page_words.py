"""The words of coverage's pages, and the templates that use them."""

from pathlib import Path

from shared.pages.page_frame import Frame

PAGES = Path(__file__).parent / "templates"
FRAME = Frame(PAGES, style="/pages/style.css")
