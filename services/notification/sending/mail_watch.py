"""Whether the mail server accepts our login and our sender (log and metric): known within seconds, without a letter."""

from prometheus_client import Counter, Gauge

from services.notification.sending.delivery import Outcome, SmtpSender
from shared import log
from shared.process.process import Process

ANSWERS = Gauge("mail_server_answers", "1 while the mail server lets us in, 0 while it does not")
ENDED = Counter("letters_ended_total", "Letters with which all is done: sent, or given up", ["state"])
_EVERY_SECONDS = 30.0


class MailWatch:
    """What the last try has shown. A change is said once, also where only the reason is another one."""

    def __init__(self) -> None:
        self._reason = ""
        ANSWERS.set(1)
        for state in ("sent", "skipped", "failed"):
            ENDED.labels(state).inc(0)  # an alert on their increase would else not see the first

    def heard(self, outcome: Outcome) -> None:
        """Note what became of a try."""
        reason = f"{outcome.reason} {outcome.code}".strip() if outcome.server_away else ""
        if reason != self._reason:
            if reason:
                log.get().error("the mail server takes no letters: they wait", reason=reason)
            else:
                log.get().warning("the mail server takes letters again")  # as visible as what it ends
        self._reason = reason
        ANSWERS.set(not reason)

    async def keep_trying(self, process: Process, sender: SmtpSender, from_address: str) -> None:
        """Try the server at once, and then every half minute, until the process stops."""
        while not process.stopping.is_set():
            self.heard(await sender.greet(from_address))
            await process.pause(_EVERY_SECONDS)
