"""Whether the mail server accepts our login (log and metric): known within seconds, even when no letter is due."""

from prometheus_client import Counter, Gauge

from services.notification.sending.delivery import Outcome, SmtpSender
from shared import log
from shared.process.process import Process

ANSWERS = Gauge("mail_server_answers", "1 while the mail server lets us in, 0 while it does not")
ENDED = Counter("letters_ended_total", "Letters with which all is done: sent, or given up", ["state"])
_EVERY_SECONDS = 30.0


class MailWatch:
    """What the last try has shown. A change is said once."""

    def __init__(self) -> None:
        self.answers = True
        ANSWERS.set(1)
        for state in ("sent", "skipped", "failed"):
            ENDED.labels(state).inc(0)  # an alert on their increase would else not see the first

    def heard(self, outcome: Outcome) -> None:
        """Note what became of a try."""
        answers = not outcome.server_away
        if answers != self.answers:
            if answers:
                log.get().warning("the mail server takes letters again")  # as visible as what it ends
            else:
                reason = f"{outcome.reason} {outcome.code}".strip()
                log.get().error("the mail server takes no letters: they wait", reason=reason)
        self.answers = answers
        ANSWERS.set(answers)

    async def keep_trying(self, process: Process, sender: SmtpSender) -> None:
        """Try the server at once, and then every half minute, until the process stops."""
        while not process.stopping.is_set():
            self.heard(await sender.greet())
            await process.pause(_EVERY_SECONDS)
