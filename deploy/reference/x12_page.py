"""The page of X12: which sets are read and written, segment by segment, and the values that they become."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from deploy.reference.markdown import table

X12 = Path(__file__).parents[2] / "shared" / "x12"
SETS = {
    "eligibility_270": ("270 eligibility inquiry", "coverage writes it", "inquiry"),
    "benefits_271": ("271 eligibility answer", "coverage reads it", "benefits"),
    "claim_837": ("837P professional claim", "claims writes it; the commands read it", "claim"),
    "acknowledgment_999": ("999 implementation acknowledgment", "claims reads it", "acknowledgment"),
    "claim_status_277": ("276 status inquiry, 277 status, 277CA claim acknowledgment", "276: claims writes it; 277 and "
    "277CA: claims reads them", "status"),
    "remittance_835": ("835 remittance", "claims reads it", "remittance"),
}  # fmt: skip
"""The folder of each set: what it is, who reads or writes it, and the module with its values."""
_SEGMENTS = frozenset(
    re.findall(
        r"\w+",
        "AAA AK1 AK2 AK9 AMT BHT BPR CAS CLM CLP CR1 CRC CUR DMG DTM DTP EB EQ GE GS HCP HI "
        "HL HSD IEA III IK3 IK4 IK5 INS ISA LIN LQ LX MIA MOA MSG N1 N3 N4 NM1 NTE OI PAT "
        "PER PLB PRV PS1 PWK QTY REF SBR SE ST STC SV1 SVC SVD TRN TS2 TS3",
    )
)
_ENVELOPE = {"ISA", "GS", "ST", "SE", "GE", "IEA"}
_NOT_OF = {"eligibility_270": {"EB", "STC"}}
"""Segments by which a reader tells that it has another set before it."""
_HEAD = """# X12

Version 005010 of each set; 4010 files have nearly the same shape and are read as far as they do. Separators are taken
from the ISA. What is odd is named as a problem and read as far as it goes; what does not add up is not posted.
`python -m services.claims read FILE` shows any file as these values. The stand-in for payers speaks the other side.
"""


def page() -> str:
    """Markdown: an overview, then the segments and values of each set."""
    parts = [_HEAD, table(("set", "who"), [(name, who) for name, who, _ in SETS.values()])]
    for folder, (name, who, module) in SETS.items():
        values = import_module(f"shared.x12.{folder}.{module}")
        guide = ", ".join(sorted(set(re.findall(r"005010X\d{3}(?:A\d)?", _all(folder)))))
        said = f"## {name}\n\n{who}. Implementation guide {guide}.\n"
        parts += [said, table(("segment", "read", "written"), _segments(folder)), *_values(values)]
    return "\n".join(parts)


def _all(folder: str) -> str:
    return "".join(path.read_text() for path in (X12 / folder).glob("*.py"))


def _segments(folder: str) -> Iterator[tuple[str, str, str]]:
    """Each segment that the readers or writers of the set name, by themselves or by what they use of `syntax`."""
    modules = [import_module(f"shared.x12.{folder}.{path.stem}") for path in sorted((X12 / folder).glob("[a-z]*.py"))]
    read = _named("".join(_source(module) for module in modules if "reader" in module.__name__))
    written = _named("".join(_source(module) for module in modules if "writer" in module.__name__))
    for segment in sorted(_SEGMENTS):
        if segment in (read | written) - _NOT_OF.get(folder, set()) | _ENVELOPE:
            yes = segment in _ENVELOPE
            yield f"`{segment}`", "yes" if yes or segment in read else "", "yes" if yes or segment in written else ""


def _source(module: ModuleType) -> str:
    """The source of a module, and of the functions of `shared.x12.syntax` that it uses, at any depth."""
    parts, seen = [inspect.getsource(module)], set[object]()
    waiting = list(vars(module).values())
    while waiting:
        used = waiting.pop()
        if inspect.isfunction(used) and used.__module__.startswith("shared.x12.syntax") and used not in seen:
            seen.add(used)
            parts.append(inspect.getsource(used))
            waiting += [used.__globals__.get(name) for name in used.__code__.co_names]
    return "".join(parts)


def _named(text: str) -> set[str]:
    return set(re.findall(r"\"([A-Z][A-Z0-9]{1,2})(?:\*|\")", text)) & _SEGMENTS


def _values(module: ModuleType) -> Iterator[str]:
    """The dataclasses that a set becomes, with what is said of them."""
    for _, kind in inspect.getmembers(module, is_dataclass):
        if kind.__module__ == module.__name__ and isinstance(kind, type):
            names = ", ".join(f"`{field.name}`" for field in fields(kind))
            yield f"**{kind.__name__}**: {inspect.cleandoc(kind.__doc__ or '')}\n\nFields: {names}\n"
