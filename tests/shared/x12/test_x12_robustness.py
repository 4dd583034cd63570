"""Whatever bytes come, the reader ends with problems, not with an exception."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.claims.commands.read import file_document
from shared.x12.document.interchange import read_file
from tests.faults.mutate_x12 import run
from tests.shared.x12.sample_files import FILES

SEGMENT_IDS = (
    *("ISA", "GS", "ST", "SE", "GE", "IEA", "BPR", "TRN", "N1", "LX", "CLP", "CAS", "NM1", "SVC", "AMT", "PLB"),
    *("HL", "SBR", "CLM", "SV1", "SVD", "EB", "AAA", "STC", "AK2", "IK5"),
)
VALUES = ("", "1", "835", "837", "271", "277", "999", "-1", "22", "PR", "HC:1:2", "^", "20260230", "x")
ELEMENTS = st.sampled_from(VALUES)
SEGMENTS = st.builds(
    lambda name, elements: "*".join([name, *elements]),
    st.sampled_from(SEGMENT_IDS),
    st.lists(ELEMENTS, max_size=18),
)
HEADER = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*0000*^*00501*000000001*0*P*:~"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_arbitrary_bytes_never_raise(data: bytes):
    file_document(read_file(data))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_after_a_header_never_raise(data: bytes):
    file_document(read_file(HEADER.encode() + data))


@settings(max_examples=200, deadline=None)
@given(st.lists(SEGMENTS, max_size=40))
def test_segments_in_any_order_never_raise(segments: list[str]):
    file_document(read_file((HEADER + "~".join(segments)).encode()))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES.glob("*.edi"))), st.integers(0, 4000), st.integers(0, 80), st.binary(max_size=8))
def test_a_damaged_file_never_raises(path: Path, at: int, length: int, instead: bytes):
    data = path.read_bytes()
    file_document(read_file(data[:at] + instead + data[at + length :]))


def test_mutated_files_never_raise_and_are_never_called_balanced_wrongly():
    result = run(count=400, seed=271)
    assert (result["failed"], result["wrong"]) == (0, 0), result
