"""How fast X12 is read and written, against pyx12 and against the limit (a bare split), on the same file in one run.

`python -m tests.bench.bench_x12` prints one JSON object a line.
"""

import gc
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyx12.x12file

from shared.x12.claim_837.claim import OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.claim_837.writer import write_claims
from shared.x12.next_payer.next_claim import next_claim
from shared.x12.remittance_835.reader import read_remittances
from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider, Subscriber
from tests.shared.x12.referee import complaints

CLAIMS = 10_000
VALIDATED_CLAIMS = 400
"""pyx12 validates some 9,500 segments a second; a part of the file is enough to know its speed."""

_READ_LARGE = """
import sys
from shared.x12.remittance_835_reader import read_remittances
with open(sys.argv[1], "rb") as file:
    for _ in read_remittances(file):
        pass
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")))
"""
"""In a process of its own; VmHWM, because ru_maxrss would count the memory of the process that started it."""

ENVELOPE = Envelope("P0001", "MARKET", 1, datetime(2026, 1, 25, 9))  # noqa: DTZ001


def run() -> Iterator[dict[str, object]]:
    """The figures, one after the other."""
    interchange = write_remittances([_remittance(CLAIMS)], ENVELOPE)
    segments = interchange.count(b"~")
    text = interchange.decode()
    ours = segments / _best(lambda: _read(interchange))
    split = segments / _best(lambda: [segment.split("*") for segment in text.split("~")])
    reading = segments / _best(lambda: sum(1 for _ in pyx12.x12file.X12Reader(io.StringIO(text))), times=1)
    part = write_remittances([_remittance(VALIDATED_CLAIMS)], ENVELOPE)
    validation = part.count(b"~") / _best(lambda: _validate(part), times=1)
    yield _figure("x12_835_read", ours, "segments/s", None, None)
    yield _figure("x12_835_read_against_pyx12_validation", ours, "segments/s", 20, ours / validation)
    yield _figure("x12_835_read_against_pyx12_reading", ours, "segments/s", 1, ours / reading)
    yield _figure("x12_835_read_against_bare_split", ours, "segments/s", 0.07, ours / split)
    written = CLAIMS / _best(_secondaries)
    yield _figure("x12_secondary_claims_written", written, "claims/s", 5000, written / 5000)
    yield from _memory()


def _figure(name: str, value: float, unit: str, floor: float | None, ratio: float | None) -> dict[str, object]:
    rounded = None if ratio is None else round(ratio, 3)
    return {"name": name, "value": round(value, 1), "unit": unit, "floor": floor, "ratio": rounded}


def _best(work: Callable[[], object], times: int = 3) -> float:
    taken: list[float] = []
    for _ in range(times):
        gc.collect()
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def _read(interchange: bytes) -> int:
    return sum(part.balanced for part in read_remittances(interchange) if not isinstance(part, RemittanceHeader))


def _validate(interchange: bytes) -> None:
    errors = complaints(interchange)
    assert not errors, errors[:5]


def _memory() -> Iterator[dict[str, object]]:
    """The memory that reading a file of 100 MB takes, in a process of its own; 60 MB at most."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.835"
        _write_large(path, 100 * 1024 * 1024)
        done = subprocess.run([sys.executable, "-c", _READ_LARGE, str(path)], capture_output=True, check=True)
    megabytes = float(done.stdout)
    yield _figure("x12_835_of_100_mb_memory", megabytes, "MB", 60, 60 / megabytes)


def _write_large(path: Path, size: int) -> None:
    """A file of `size` bytes with one set; its totals are off, which does not change the memory."""
    interchange = write_remittances([_remittance(1000)], ENVELOPE)
    start, end = interchange.index(b"CLP*"), interchange.index(b"PLB*")
    with path.open("wb") as file:
        file.write(interchange[:start])
        for _ in range(size // (end - start) + 1):
            file.write(interchange[start:end])
        file.write(interchange[end:])


def _remittance(claims: int) -> Remittance:
    remitted = tuple(_remitted(number) for number in range(claims))
    header = RemittanceHeader(
        sum(claim.paid_cents for claim in remitted) - 500,
        trace="TRACE1",
        paid_on=date(2026, 1, 25),
        payer_tax_id="1512345678",
        payer=Party("PAYER ONE", "", "12345", "XV"),
        payee=Party("OAK STREET COUNSELING", "", "1999999984", "XX"),
    )
    return Remittance(header, remitted, (ProviderAdjustment("WO", "ICN5", 500, "1999999984", date(2026, 12, 31)),))


def _remitted(number: int) -> RemittedClaim:
    charge_cents, paid_cents = 22000 + number % 977, 12000 + number % 397
    line = RemittedLine(
        charge_cents,
        paid_cents,
        "90837",
        ("95",),
        control=f"SES-{number}-1",
        allowed_cents=paid_cents + 3000,
        adjustments=(Adjustment("CO", "45", charge_cents - paid_cents - 3000), Adjustment("PR", "2", 3000)),
        service_from=date(2026, 1, 5),
    )
    return RemittedClaim(
        f"SES-{number}-P",
        "1",
        charge_cents,
        paid_cents,
        3000,
        "12",
        f"2026P1ICN{number}",
        "10",
        "1",
        lines=(line,),
        remarks=("MA01",),
        patient=Party("DOE", "SAM", f"A{number}", "MI"),
        rendering=Party("LEE", "ANN", "1999999984", "XX"),
    )


def _claim(number: int, charge_cents: int) -> ProfessionalClaim:
    home = Address("5 OAK AVE", "MIAMI", "FL", "331110000")
    patient = Person("DOE", "SAM", birth_date=date(1980, 1, 2), sex="F", address=home)
    return ProfessionalClaim(
        id=f"SES-{number}-P",
        charge_cents=charge_cents,
        billing=Provider("MIND GROUP", "1999999984", tax_id="123456789", taxonomy="101YM0800X", address=home),
        rendering=Provider("LEE", "1999999976", first_name="ANN", taxonomy="101YM0800X"),
        subscriber=Subscriber(patient, f"A{number}"),
        payer=Payer("PAYER ONE", "P0001"),
        lines=(ServiceLine(charge_cents, "90837", ("95",), service_from=date(2026, 1, 5), control=f"SES-{number}-1"),),
        place="10",
        diagnoses=("F411",),
        other_payers=(OtherPayer("S", Payer("PAYER TWO", "P0002"), Subscriber(Person("ROE", "ALEX"), "B2"), "01"),),
    )


def _prepared() -> list[tuple[ProfessionalClaim, RemittedClaim]]:
    remitted = [_remitted(number) for number in range(CLAIMS)]
    return [(_claim(number, answer.charge_cents), answer) for number, answer in enumerate(remitted)]


_PREPARED: list[tuple[ProfessionalClaim, RemittedClaim]] = []


def _secondaries() -> None:
    """Build and write the secondary's claim of every pair, 500 claims a file."""
    if not _PREPARED:
        _PREPARED.extend(_prepared())
    header = RemittanceHeader(0, paid_on=date(2026, 1, 25))
    made = [next_claim(claim, remitted, header) for claim, remitted in _PREPARED]
    claims = [claim for claim in made if isinstance(claim, ProfessionalClaim)]
    assert len(claims) == CLAIMS
    for number, start in enumerate(range(0, CLAIMS, 500), 1):
        write_claims(claims[start : start + 500], replace(ENVELOPE, control=number))


if __name__ == "__main__":
    for figure in run():
        print(json.dumps(figure), flush=True)
