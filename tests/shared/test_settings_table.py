"""The README's table of settings is what the models say."""

from pathlib import Path

from shared import settings_table

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_holds_the_table_of_all_settings():
    table = settings_table.table(settings_table.models(settings_table.SERVICES))

    assert table in README.read_text(), "python -m shared.settings_table prints it"
