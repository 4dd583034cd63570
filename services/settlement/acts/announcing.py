"""Whether the client got the letter that announces a balance: what no letter has announced is not charged."""

from dataclasses import replace

from services.settlement.acts.reviewing import review_evidence_once
from services.settlement.acts.settling import settle_session
from services.settlement.acts.telling import AWAITED, SENT, withdraw_announcement
from services.settlement.settings import policy
from services.settlement.store import SESSIONS, Session, session_of
from shared.events.notification import LetterBounced, LetterFailed, LetterSent, LetterSkipped
from shared.runtime.transaction import Transaction

_BY_UPSTREAM = "letters_off"
"""The client gets no letters of ours: upstream tells them, by `balance.due`."""
_ANNOUNCED = {None, SENT, _BY_UPSTREAM}

Letter = LetterSent | LetterFailed | LetterBounced | LetterSkipped


async def on_letter(event: Letter, tx: Transaction) -> None:
    """Keep what became of the letter that tells the session's present balance; other letters change nothing."""
    if event.letter != "cost-final-balance" or event.session_id is None:
        return
    session = await session_of(tx, event.client_id, event.session_id)
    if session.edition == event.edition and session.announcement is not None:
        outcome = SENT if isinstance(event, LetterSent) else event.reason
        tx.save(SESSIONS, replace(session, announcement=outcome))


async def may_charge(tx: Transaction, session: Session) -> bool:
    """Whether the announced balance may be charged today.

    Where the letter is still on its way, the balance is announced anew, with a day of its own. Where the client did
    not get it, a person sees to it: the charge waits until they announce it again or forgive it.
    """
    if session.announcement in _ANNOUNCED:
        return True
    if session.announcement == AWAITED:
        await announce_again(tx, session)
    else:
        evidence = f"edition {session.edition}: {session.announcement}"
        tx.save(SESSIONS, review_evidence_once(tx, session, "balance_not_announced", evidence))
    return False


async def announce_again(tx: Transaction, session: Session) -> None:
    """Tell the client a balance that is still due in a new letter, and charge it so many days after."""
    await settle_session(tx, withdraw_announcement(tx, session), policy().terms)
