"""The start of a service's process, on uvloop's event loop; it ends by a signal."""

import asyncio
import gc
import signal
from typing import NoReturn

import uvloop

from shared import log, settings
from shared.process.failure_words import named
from shared.process.process import Process
from shared.runtime import tracing
from shared.runtime.service import Service
from shared.settings import ServiceSettings


def run(service: Service) -> NoReturn:
    """Run `service` until SIGTERM or SIGINT; exit 0 after a graceful end, 3 when most messages failed."""
    config = settings.load(service.settings, service.name)
    log.configure(service.name, config.log_level, config.log_format)
    tracing.turn_on(service.name, config.traces)
    raise SystemExit(uvloop.run(_main(service, config)))


async def _main(service: Service, config: ServiceSettings) -> int:
    process = Process(service, config)
    gc.freeze()  # what is loaded by now stays: the collector need not look through it at every round
    gc.set_threshold(20_000, 20, 20)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stopping.set)
    try:
        await process.run()
    except Exception as error:
        log.get().critical("stopped by a failure", reason=named(error))
        return 3
    log.get().info("stopped")
    return 0
