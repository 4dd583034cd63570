"""The page of all codes of the contract: what a `reason`, `rule`, `cause` or `basis` may be, and what it means."""

from deploy.reference.markdown import table
from shared.events.catalogue import CATALOGUE
from shared.events.contract import words
from shared.events.contract.schema import models_of

_HEAD = """# Codes

What the services give as a reason, and what it means. More may be added within a major version: treat one that you do
not know as a reason for a person to look. The reasons of `payments` are your payment system's own.
"""


def page() -> str:
    """Markdown: a table for each list of codes, with the fields that hold them."""
    parts = [_HEAD]
    fields: dict[str, list[str]] = {}
    for model in CATALOGUE.values():
        for part in (model, *models_of(model)):
            for name in part.model_fields:
                for kind in part.__mro__:
                    if codes := words.CODES.get(f"{kind.__name__}.{name}"):
                        fields.setdefault(codes, []).append(f"`{model.topic}.{model.noun_verb}`: `{name}`")
    for codes, where in sorted(fields.items()):
        rows = [(f"`{code}`", meaning) for code, meaning in sorted(words.reasons(codes).items())]
        title = codes.replace("_", " ").capitalize()
        parts += [f"## {title}\n\n{', '.join(sorted(set(where)))}\n", table(("code", "what it means"), rows)]
    return "\n".join(parts)
