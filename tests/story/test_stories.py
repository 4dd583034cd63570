"""The stories of `make demo`, whole: on a broker, databases and services of their own."""

import os
import subprocess
import sys

import pytest

from deploy.demo.stories import stories

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("story")]
OTHERS = ("KAFKA_", "DATABASE_URL_", "SMTP_URL", "INBOX_", "TEST_STACK", "CLOCK_OFFSET_FILE")


def test_every_story_ends_as_told():
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}

    played = subprocess.run(
        [sys.executable, "-m", "deploy.demo"], env=environment, capture_output=True, text=True, timeout=240, check=False
    )

    assert played.returncode == 0, played.stdout[-6000:] + played.stderr[-2000:]
    for story in stories():
        assert story.name in played.stdout
