"""Clients whose insurers have every character there is: each session ends as it ought to, by an independent checker."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("story")]
OTHERS = ("KAFKA_", "DATABASE_URL_", "SMTP_URL", "INBOX_", "TEST_STACK", "CLOCK_OFFSET_FILE")
SESSIONS, DAYS = 60, 130


def test_a_mix_of_all_characters_loses_nothing_and_settles_nothing_wrongly():
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    command = [sys.executable, "-m", "tests.faults", "--only", "mix", f"--sessions={SESSIONS}", f"--days={DAYS}"]

    played = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)

    assert played.stdout, played.stderr[-4000:]
    line = json.loads(played.stdout)
    assert (line.get("findings", []), line.get("lost", 0)) == ([], 0)
    assert line["sessions"] >= SESSIONS
    assert line["settled"] > SESSIONS / 2
