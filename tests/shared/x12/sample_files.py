"""The fixtures: files in the shapes of published examples, typed by hand, never made by our writers."""

from pathlib import Path

FILES = Path(__file__).with_name("files")


def sample(name: str) -> bytes:
    """The bytes of the fixture `name` (without .edi)."""
    return (FILES / f"{name}.edi").read_bytes()


def in_envelope(
    *segments: str, set_id: str = "835", implementation: str = "005010X221A1", terminator: str = "~"
) -> bytes:
    """An interchange with one set that holds `segments`, its counts right."""
    isa = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*MARKET         *260125*0915*^*00501*000000007*0*P*:"
    count = len(segments) + 2
    lines = [
        isa,
        f"GS*HP*PAYER*MARKET*20260125*0915*7*X*{implementation}",
        f"ST*{set_id}*0001",
        *segments,
        f"SE*{count}*0001",
        "GE*1*7",
        "IEA*1*000000007",
    ]
    return "".join(f"{line}{terminator}" for line in lines).encode()
