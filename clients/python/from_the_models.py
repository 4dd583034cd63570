"""Puts the models of the services into the client while its wheel is built: the very files, so that nothing can drift.

`python from_the_models.py FOLDER` writes the package as it is in the wheel into a folder.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # written into a folder, without a builder
    BuildHookInterface = object

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared"
PACKAGE = "secondary_insurance_events"
NOT_OF_THE_CLIENT = {"__init__.py", "__main__.py", "schemas.py", "examples.py"}
BESIDE_THE_EVENTS = ("fact_ids", "unknown_fields")
"""The modules of `shared` that the events use."""


def modules() -> dict[str, str]:
    """The modules that come from the services, by their file's name in the package."""
    files = [path for path in sorted((SHARED / "events").glob("*.py")) if path.name not in NOT_OF_THE_CLIENT]
    files += [SHARED / f"{name}.py" for name in BESIDE_THE_EVENTS]
    return {path.name: _in_the_package(path.read_text()) for path in files}


def _in_the_package(text: str) -> str:
    for name in BESIDE_THE_EVENTS:
        text = text.replace(f"shared.{name}", f"{PACKAGE}.{name}")
    return text.replace("shared.events", PACKAGE)


def write(folder: Path) -> None:
    """Write the whole package into `folder`."""
    shutil.copytree(HERE / "src" / PACKAGE, folder / PACKAGE, dirs_exist_ok=True)
    for name, text in modules().items():
        (folder / PACKAGE / name).write_text(text)


class FromTheModels(BuildHookInterface):
    """What the builder calls."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have the modules go into the wheel beside what is written by hand."""
        folder = Path(tempfile.mkdtemp())
        for name, text in modules().items():
            (folder / name).write_text(text)
            build_data["force_include"][str(folder / name)] = f"{PACKAGE}/{name}"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
