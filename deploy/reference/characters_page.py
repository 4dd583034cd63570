"""The page of the characters that the stand-in for payers can have."""

from deploy.reference.markdown import table
from services.payers.characters.characters import CHARACTERS

_HEAD = """# Characters

What the stand-in for payers can be told to do otherwise. [Test with characters](../how-to/characters.md) says how to
give one to a member.
"""


def page() -> str:
    """Markdown: one table."""
    rows = [(f"`{name}`", (kind.__doc__ or "").split("\n\n")[0]) for name, kind in CHARACTERS.items()]
    return "\n".join([_HEAD, table(("character", "what the payer does"), rows)])
