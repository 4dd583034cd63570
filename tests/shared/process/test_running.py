"""A service's process runs on uvloop and ends by a signal; what only reads or checks does without that package."""

import subprocess
import sys

import pytest

_HAS_NOTHING_TO_DO = """
import asyncio, os, signal, sys
from shared.process import running
from tests.runtime_probe.service import SERVICE

class Process:
    def __init__(self, *_):
        self.stopping = asyncio.Event()

    async def run(self):
        print(type(asyncio.get_running_loop()).__module__)
        os.kill(os.getpid(), int(sys.argv[1]))
        await self.stopping.wait()

running.Process = Process
running.run(SERVICE)
"""
_COMMANDS = """
import sys, shared.process.process, shared.commands.service_commands
import services.notification.app, services.claims.__main__
print("uvloop" in sys.modules)
"""


def said(script: str, *words: str) -> str:
    """What the script prints; it must end well."""
    environment = {"DATABASE_URL_PROBE": "postgresql://nobody@127.0.0.1/none"}
    ran = subprocess.run(
        [sys.executable, "-c", script, *words], env=environment, stdout=subprocess.PIPE, text=True, timeout=60
    )
    assert ran.returncode == 0
    return ran.stdout.splitlines()[0]


@pytest.mark.parametrize("signal", ["2", "15"])
def test_a_process_runs_on_uvloop_and_a_signal_ends_it_well(signal: str):
    assert said(_HAS_NOTHING_TO_DO, signal) == "uvloop"


def test_commands_do_without_uvloop():
    assert said(_COMMANDS) == "False"
