"""`proof CLAIM --out FILE.zip`: what was sent, what was said to it and when, as one file for an appeal.

An interchange concerns many patients, so each is cut down to the one claim; the manifest has the hash of the whole.
"""

import argparse
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.claims.claim.control_number import key
from services.claims.claim.kept_interchanges import KeptInterchange, kept
from services.claims.commands.operator_session import answer, claim_named, submissions
from services.claims.commands.show import story, told
from shared.commands.command import UnreadableInputError, refused
from shared.database.postgres import Connection


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("claim", metavar="CLAIM", help="a control number, or SESSION/LEVEL")
    parser.add_argument("--out", required=True, metavar="FILE.zip", help="the file to write")


def run(arguments: argparse.Namespace) -> Any:
    """Write the proof of one claim. Raises UnknownClaimError, RefusedError, UnreadableInputError."""
    packed, files = answer(lambda connection: pack(connection, arguments.claim))
    try:
        Path(arguments.out).write_bytes(packed)
    except OSError as error:
        raise UnreadableInputError(f"cannot write {arguments.out}: {error.strerror}") from None
    return {"claim": arguments.claim, "file": arguments.out, "holds": files}


async def pack(connection: Connection, name: str) -> tuple[bytes, list[str]]:
    """The zip file of one claim's proof, and the names in it. Raises UnknownClaimError; RefusedError: never sent."""
    claim = await claim_named(connection, name)
    sent = await submissions(connection, claim)
    interchanges = await kept(connection, sent)
    if not interchanges:
        raise refused("nothing_sent", f"{name} was never sent, so there is nothing to prove")
    told_of = await story(connection, name)
    keys = {row.key for row in sent}
    files = {f"{number:02}-{_kind(interchange)}.edi": interchange for number, interchange in enumerate(interchanges, 1)}
    manifest = {"claim": told_of, "files": [_described(file, interchange) for file, interchange in files.items()]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("claim.txt", told(told_of))
        archive.writestr("manifest.json", json.dumps(manifest, indent=2))
        for file, interchange in files.items():
            archive.writestr(file, excerpt(interchange.value, keys))
    return buffer.getvalue(), ["claim.txt", "manifest.json", *files]


def _described(file: str, interchange: KeptInterchange) -> dict[str, Any]:
    return {
        "file": file,
        "direction": interchange.direction,
        "at": interchange.at.isoformat(),
        "payer_id": interchange.payer_id,
        "interchange": interchange.interchange_id,
        "sha256_of_whole": sha256(interchange.value).hexdigest(),
    }


def _kind(interchange: KeptInterchange) -> str:
    """`sent-837`, `received-277CA` ..."""
    text = interchange.value[:4000].decode("latin-1")
    separator = text[text.find("ISA") + 3 : text.find("ISA") + 4] or "*"
    said = text.partition(f"ST{separator}")[2].partition(separator)[0] or "x12"
    return f"{interchange.direction}-{'277CA' if said == '277' and '005010X214' in text else said}"


def excerpt(value: bytes, keys: set[str]) -> bytes:
    """The interchange without the loops of other claims (835: CLP, 277: HL of a patient); the rest as it came.

    `keys` are the claim's control numbers (`control_number.key`).
    """
    text = value.decode("latin-1")
    start = text.find("ISA")
    if start < 0 or len(text) < start + 106:
        return value
    element, terminator = text[start + 3], text[start + 105]
    blocks: list[list[str]] = [[]]
    for segment in text[start:].split(terminator):
        if _begins(segment.strip(), element):
            blocks.append([])
        blocks[-1].append(segment)
    kept_blocks = [block for block in blocks if _belongs([segment.strip() for segment in block], element, keys)]
    return terminator.join(segment for block in kept_blocks for segment in block).encode("latin-1")


_PATIENT_LEVELS = ("22", "23", "PT")


def _begins(segment: str, element: str) -> bool:
    """Whether a loop begins that is about one claim, or one that is about all of them again."""
    name = segment.partition(element)[0]
    return name in ("CLP", "LX", "HL", "PLB", "SE", "GE", "IEA")


def _belongs(block: list[str], element: str, keys: set[str]) -> bool:
    first = block[0].split(element) if block else [""]
    match first[0]:
        case "CLP":
            return len(first) > 1 and key(first[1]) in keys
        case "PLB":
            return any(control in key("".join(block)) for control in keys)
        case "HL" if len(first) > 3 and first[3] in _PATIENT_LEVELS and _is_status(block, element):
            return any(_traces(segment.split(element), keys) for segment in block)
        case _:
            return True


def _is_status(block: list[str], element: str) -> bool:
    """A 277's patient level has its trace and statuses; an 837's subscriber level has neither."""
    return any(segment.startswith((f"STC{element}", f"TRN{element}")) for segment in block)


def _traces(elements: list[str], keys: set[str]) -> bool:
    return elements[0] == "TRN" and len(elements) > 2 and key(elements[2]) in keys
