"""Mutated files through the reader: whatever the bytes, it ends, with problems instead of an exception.

`python -m tests.faults.mutate_x12 [COUNT]` prints the result as one JSON object.
"""

import json
import random
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.x12.document.interchange import read_file
from shared.x12.remittance_835.remittance import Remittance
from shared.x12.syntax.problems import any_grave

SEEDS = Path(__file__).parents[1] / "shared" / "x12" / "files"
COUNT = 12_000

Mutation = Callable[[random.Random, bytes], bytes]


def _flip(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _drop_piece(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randrange(1, 60) :]


def _insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    piece = chance.choice([b"~", b"*", b":", b"^", b"\r\n", b"\x00", b"\xff\xfe", b"ISA*", b"-1", b"1e9", b"\xc3\xa9"])
    return data[:at] + piece * chance.randrange(1, 5) + data[at:]


def _swap_segments(chance: random.Random, data: bytes) -> bytes:
    parts = data.split(b"~")
    first, second = chance.randrange(len(parts)), chance.randrange(len(parts))
    parts[first], parts[second] = parts[second], parts[first]
    return b"~".join(parts)


def _drop_segment(chance: random.Random, data: bytes) -> bytes:
    parts = data.split(b"~")
    del parts[chance.randrange(len(parts))]
    return b"~".join(parts)


def _repeat_segment(chance: random.Random, data: bytes) -> bytes:
    parts = data.split(b"~")
    at = chance.randrange(len(parts))
    return b"~".join(parts[:at] + [parts[at]] * chance.randrange(2, 9) + parts[at:])


def _change_element(chance: random.Random, data: bytes) -> bytes:
    parts = data.split(b"*")
    odd = [b"", b"-1", b"0.005", b"1E5", b"9" * 40, b"20260230", b"  ", b":::", b"\xe2\x82\xac", b"1_000", b"NaN"]
    parts[chance.randrange(len(parts))] = chance.choice(odd)
    return b"*".join(parts)


def _other_separators(chance: random.Random, data: bytes) -> bytes:
    return data.translate(bytes.maketrans(b"*~:", bytes(chance.sample(range(1, 128), 3))))


def _wrap(chance: random.Random, data: bytes) -> bytes:
    width = chance.randrange(1, 100)
    return b"\r\n".join(data[at : at + width] for at in range(0, len(data), width))


def _join(chance: random.Random, data: bytes) -> bytes:
    return data + data[chance.randrange(len(data)) :]


MUTATIONS: Sequence[Mutation] = (
    _flip,
    _cut,
    _drop_piece,
    _insert,
    _swap_segments,
    _drop_segment,
    _repeat_segment,
    _change_element,
    _other_separators,
    _wrap,
    _join,
)


def run(count: int = COUNT, seed: int = 835) -> dict[str, object]:
    """Read `count` mutated files; `failed` counts exceptions, `wrong` remittances called balanced that are not."""
    chance = random.Random(seed)
    seeds = [path.read_bytes() for path in sorted(SEEDS.glob("*.edi"))]
    failed = wrong = with_problems = 0
    first = ""
    for _ in range(count):
        data = chance.choice(seeds)
        for _ in range(chance.randrange(1, 4)):
            data = chance.choice(MUTATIONS)(chance, data) or b"~"
        try:
            file = read_file(data)
        except Exception:
            failed += 1
            first = first or traceback.format_exc(limit=-3)
            continue
        with_problems += not file.adds_up or bool(file.problems)
        wrong += sum(
            _called_balanced_wrongly(transaction.content)
            for interchange in file.interchanges
            for transaction in interchange.transactions
        )
    result: dict[str, object] = {"name": "mutate_x12", "faults": count, "failed": failed, "wrong": wrong}
    return {**result, "with_problems": with_problems, **({"first": first} if first else {})}


def _called_balanced_wrongly(content: object) -> bool:
    """Whether a remittance that is said to be postable does not add up when added up anew."""
    if not isinstance(content, Remittance) or not content.postable:
        return False
    paid = sum(claim.paid_cents for claim in content.claims) - sum(
        adjustment.amount_cents for adjustment in content.provider_adjustments
    )
    claims = all(
        claim.charge_cents - sum(adjustment.amount_cents for adjustment in claim.all_adjustments) == claim.paid_cents
        and not any_grave(claim.problems)
        for claim in content.claims
    )
    return paid != content.header.payment_cents or not claims


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)))
