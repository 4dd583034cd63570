"""The segments of a file, whatever the file looks like."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.x12.syntax.delimiters import Delimiters
from shared.x12.syntax.segments import LONGEST_SEGMENT, SegmentReader
from tests.shared.x12.sample_files import FILES, in_envelope, sample

PLAIN = in_envelope("BPR*I*10*C*CHK", "CLP*A*1*10*10*0*12*I", "SVC*HC:90832*10*10")
EXPECTED = [part.split("*") for part in PLAIN.decode().strip("~").split("~")]


class Drip(io.BytesIO):
    """A source that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._step)


def read(data: bytes) -> tuple[list[list[str]], list[str]]:
    """The segments of `data` and the names of the problems."""
    reader = SegmentReader(data)
    return list(reader), [problem.name for problem in reader.problems]


def retyped(separators: str, data: bytes = PLAIN) -> bytes:
    """`data` with other element, component, repetition separators and terminator."""
    return data.translate(bytes.maketrans(b"*:^~", separators.encode("latin-1")))


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        pytest.param(PLAIN, [], id="plain"),
        pytest.param(PLAIN.replace(b"~", b"~\n"), [], id="a line each"),
        pytest.param(PLAIN.replace(b"~", b"~\r\n"), [], id="windows lines"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN.replace(b"~", b"~\n\t  "), [], id="byte order mark and indentation"),
        pytest.param(b"\n\n  " + PLAIN, [], id="blank lines before"),
        pytest.param(PLAIN.decode().encode("utf-16"), [], id="UTF-16"),
        pytest.param(PLAIN.replace(b"~", b"\n"), [], id="newline terminates"),
        pytest.param(PLAIN.replace(b"~", b"\r\n"), [], id="CR LF terminates"),
        pytest.param(PLAIN.replace(b"~", b"\r"), [], id="CR terminates"),
        pytest.param(PLAIN[:-1], ["last_segment_not_terminated"], id="last segment without terminator"),
        pytest.param(PLAIN.replace(b"~CLP", b"\nCLP"), ["terminator_missing"], id="lost terminator"),
        pytest.param(
            b"\r\n".join(PLAIN[at : at + 80] for at in range(0, len(PLAIN), 80)), [], id="wrapped at 80 columns"
        ),
        pytest.param(PLAIN.replace(b"~", b"~~"), [], id="empty segments"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + PLAIN, ["text_before_interchange"], id="something before"),
    ],
)
def test_the_segments_are_the_same_however_the_file_is_laid_out(data: bytes, problems: list[str]):
    assert read(data) == (EXPECTED, problems)


@pytest.mark.parametrize("separators", ["|:^~", "*>^~", "\x1d\x1f^\x1e", "*:^'", "+:^\x1c", "*\\^|", "\t:^~"])
def test_the_separators_come_from_the_isa(separators: str):
    reader = SegmentReader(retyped(separators))
    split = [
        [element.replace(separators[1], ":").replace(separators[2], "^") for element in segment] for segment in reader
    ]
    assert split == EXPECTED
    assert reader.delimiters == Delimiters(*separators)


def test_the_data_wins_when_isa16_names_another_component_separator():
    reader = SegmentReader(sample("remittance_secondary"))
    assert [segment[1] for segment in reader if segment[0] == "SVC"] == ["HC>99213>26", "HC>99214>26"]
    assert reader.delimiters.component == ">"
    assert [problem.name for problem in reader.problems] == ["component_separator_differs"]


def test_an_isa_without_its_component_separator_still_gives_the_terminator():
    data = PLAIN.replace(b"*P*:~", b"*P*~")
    segments, _ = read(data)
    assert [segment[0] for segment in segments] == [segment[0] for segment in EXPECTED]


def test_lower_case_segment_ids_are_read_as_upper_case():
    segments, _ = read(PLAIN.replace(b"ISA", b"isa").replace(b"CLP", b"clp"))
    assert [segment[0] for segment in segments] == [segment[0] for segment in EXPECTED]


def test_bytes_that_are_not_utf8_are_read_and_said_so():
    segments, problems = read(in_envelope("NM1*QC*1*MUÑOZ").decode().encode("cp1252"))
    assert segments[3] == ["NM1", "QC", "1", "MUÑOZ"]
    assert problems == ["not_utf8"]


@pytest.mark.parametrize("separators", ["*~", "|\n", "+'"])
def test_a_file_without_isa_gives_its_separators_away(separators: str):
    bare = "ST*835*1~BPR*I*10*C*CHK~TRN*1*5~CLP*A*1*10*10~SE*5*1~".translate(str.maketrans("*~", separators))
    assert [segment[:2] for segment in SegmentReader(bare.encode())] == [
        ["ST", "835"],
        ["BPR", "I"],
        ["TRN", "1"],
        ["CLP", "A"],
        ["SE", "5"],
    ]


@pytest.mark.parametrize("data", [b"", b"\n", b"hello world", b"{}", b"MIS*DATA", b"\x00" * 1000, b"ISA", b"ISA*"])
def test_nothing_x12_gives_no_segments_that_mean_anything(data: bytes):
    segments, _ = read(data)
    assert [segment for segment in segments if segment[0] in ("GS", "ST")] == []


def test_a_run_without_a_terminator_does_not_fill_the_memory():
    reader = SegmentReader(PLAIN + b"X" * (3 * LONGEST_SEGMENT))
    assert max(len(element) for segment in reader for element in segment) < 2 * LONGEST_SEGMENT
    assert "segment_too_long" in {problem.name for problem in reader.problems}


def test_a_source_that_breaks_off_is_a_problem_not_an_exception():
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("gone")

    reader = SegmentReader(Broken())
    assert list(reader) == []
    assert [problem.name for problem in reader.problems] == ["source_failed"]


@given(st.sampled_from(sorted(FILES.glob("*.edi"))), st.integers(1, 900))
def test_the_pieces_in_which_a_file_arrives_make_no_difference(path, step: int):
    whole, dripped = SegmentReader(path.read_bytes()), SegmentReader(Drip(path.read_bytes(), step))
    assert list(dripped) == list(whole)
    assert names(dripped.problems) == names(whole.problems)


def names(problems: Sequence[object]) -> list[str]:
    return [getattr(problem, "name", "") for problem in problems]
