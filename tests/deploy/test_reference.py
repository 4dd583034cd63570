"""The pages of docs/reference are what the models say, and leave out nothing that the code reads."""

import re
from pathlib import Path

from deploy.reference import __main__ as reference
from deploy.reference import settings_page

ROOT = Path(__file__).parents[2]


def test_the_committed_pages_are_what_the_models_say():
    assert [path.name for path in reference.stale()] == [], "`make schemas` writes them"


def test_every_variable_that_code_reads_by_itself_is_on_the_page_of_settings():
    read = set()
    for path in [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]:
        read |= set(re.findall(r"environ(?:\.get\(|\[)([A-Z_\"]+)", path.read_text()))

    assert read == {'"CLOCK_OFFSET_FILE"', '"OPERATOR"', "SETTING"}
    assert set(settings_page.BESIDE) == {"CLOCK_OFFSET_FILE", "OPERATOR", "X12_CODE_TABLES"}


def test_the_brand_of_the_letters_is_on_the_page_of_settings():
    text = (reference.FOLDER / "settings.md").read_text()

    assert "`BRAND_FROM_ADDRESS`" in text.split("## notification")[1]
