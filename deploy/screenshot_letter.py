"""Make the picture of a letter that the documentation shows, with a headless Chromium.

    python -m deploy.screenshot_letter docs/letter.png [--letter NAME] [--language en|es] [--scheme light|dark]

Shows the letter with its sample facts as a phone does. Needs a Chromium on the machine; starts it with a profile of
its own and without a network.
"""

import argparse
import sys
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from services.notification.letters.branding import Branding
from services.notification.letters.language import LANGUAGES
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import render

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE_WIDTH = 390


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description="Write a picture of a letter with its sample facts.")
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    parser.add_argument("--letter", choices=LETTERS, default="coordination-issue")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=PHONE_WIDTH, help="in CSS pixels; a phone's by default")
    arguments = parser.parse_args()
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    sample = LETTERS[arguments.letter].sample_in(arguments.language)
    html = render(arguments.letter, sample, arguments.language, Branding()).html
    arguments.picture.parent.mkdir(parents=True, exist_ok=True)
    arguments.picture.write_bytes(photograph(html, chromium, arguments.width, arguments.scheme))


def photograph(html: str, chromium: str, width: int, scheme: str) -> bytes:
    """Return a PNG of the whole page, larger than life, as sharp screens show it."""
    with TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium,
            args=FLAGS,
            offline=True,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
            device_scale_factor=1.5,
        )
        page = context.new_page()
        page.set_content(html)
        picture = page.screenshot(full_page=True)
        context.close()
    return picture


if __name__ == "__main__":
    main()
