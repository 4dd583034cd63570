"""The envelopes of a file: counts, control numbers, and what is missing."""

import pytest

from shared.x12.document.interchange import read_file
from shared.x12.syntax.envelope import EnvelopeReader
from tests.shared.x12.sample_files import in_envelope, sample

FILE = in_envelope("BPR*I*0*H*NON", "TRN*1*5").decode()


def graves(data: str) -> list[str]:
    """The problems of the envelopes in `data` that forbid posting, those of the sets included."""
    file = read_file(data.encode())
    sets = [
        problem
        for interchange in file.interchanges
        for transaction in interchange.transactions
        for problem in transaction.problems
    ]
    return [problem.name for problem in (*sets, *file.problems) if problem.kind == "envelope"]


def test_an_envelope_that_adds_up_has_no_problems():
    file = read_file(FILE.encode())
    assert (graves(FILE), file.problems, file.adds_up) == ([], (), True)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(("SE*4", "SE*5"), "segment_count_differs", id="SE01"),
        pytest.param(("SE*4*", "SE*x*"), "segment_count_differs", id="SE01 is no number"),
        pytest.param(("SE*4*0001", "SE*4*0002"), "set_control_differs", id="SE02"),
        pytest.param(("GE*1*", "GE*2*"), "set_count_differs", id="GE01"),
        pytest.param(("GE*1*7", "GE*1*8"), "group_control_differs", id="GE02"),
        pytest.param(("IEA*1*", "IEA*3*"), "group_count_differs", id="IEA01"),
        pytest.param(("IEA*1*000000007", "IEA*1*000000001"), "interchange_control_differs", id="IEA02"),
        pytest.param(("SE*4*0001~", ""), "set_not_closed", id="no SE"),
        pytest.param(("GE*1*7~", ""), "group_not_closed", id="no GE"),
        pytest.param(("IEA*1*000000007~", ""), "interchange_not_closed", id="no IEA"),
        pytest.param(("ST*835*0001~", ""), "trailer_without_header", id="no ST"),
        pytest.param(("GE*1*7~", "CLP*C*1*10*0~GE*1*7~"), "segment_outside_set", id="a claim after the SE"),
        pytest.param(("000000007~", "000000007~ISA|00|      |00|"), "segment_outside_set", id="a cut second header"),
    ],
)
def test_an_envelope_that_does_not_add_up_says_where(damage: tuple[str, str], problem: str):
    assert problem in graves(FILE.replace(*damage))
    assert not read_file(FILE.replace(*damage).encode()).adds_up


@pytest.mark.parametrize("noise", ["\x1a", "END OF FILE~", "ISB*Y~", "*****~"])
def test_noise_outside_the_sets_is_no_loss(noise: str):
    assert read_file(f"{FILE}{noise}".encode()).adds_up


def test_control_numbers_that_differ_in_padding_only_are_noted():
    file = read_file(FILE.replace("IEA*1*000000007", "IEA*1*7").encode())
    assert [(problem.name, problem.kind) for problem in file.problems] == [("interchange_control_differs", "note")]
    assert file.adds_up


def test_every_truncation_is_noticed():
    for length in range(len(FILE) - 20, 110, -1):
        assert not read_file(FILE[:length].encode()).adds_up, FILE[:length][-30:]


def test_a_set_without_any_envelope_is_read_and_noted():
    file = read_file(sample("remittance_bare_set"))
    assert [problem.name for problem in file.problems] == ["no_interchange_envelope"]
    assert [transaction.set_id for transaction in file.interchanges[0].transactions] == ["835"]


def test_several_interchanges_groups_and_sets_are_kept_apart():
    file = read_file(sample("remittance_several"))
    sets = [
        (interchange.control, interchange.sender_id, [transaction.control for transaction in interchange.transactions])
        for interchange in file.interchanges
    ]
    assert sets == [("000000051", "PAYERONE", ["0001", "0002"]), ("000000052", "PAYERTWO", ["0001"])]


def test_a_set_of_another_kind_is_read_over_and_said_so():
    data = in_envelope("BGN*00*1", set_id="834") + in_envelope("BPR*I*0*H*NON")
    file = read_file(data)
    assert [
        (transaction.set_id, [problem.name for problem in transaction.problems])
        for interchange in file.interchanges
        for transaction in interchange.transactions
    ] == [
        ("834", ["set_unknown"]),
        ("835", []),
    ]


def test_only_the_sets_that_are_asked_for_are_read_and_the_others_are_still_counted():
    data = in_envelope("BHT*0022*11", set_id="271").replace(b"SE*3", b"SE*9") + in_envelope("BPR*I*0*H*NON")
    benefits, remittance = [
        transaction
        for interchange in read_file(data, only={"835"}).interchanges
        for transaction in interchange.transactions
    ]
    assert (benefits.content, [problem.name for problem in benefits.problems]) == (None, ["segment_count_differs"])
    assert remittance.content is not None


def test_what_a_caller_leaves_of_a_set_is_read_over():
    data = sample("remittance_several")
    assert [transaction.set_id for transaction in EnvelopeReader(data).transactions()] == ["835"] * 3


def test_the_answer_about_a_whole_interchange_is_kept():
    data = FILE.replace("GS*HP", "TA1*000000011*260124*0900*R*006~GS*HP").encode()
    (interchange,) = read_file(data).interchanges
    assert [
        (acknowledgment.control, acknowledgment.code, acknowledgment.reason)
        for acknowledgment in interchange.acknowledgments
    ] == [("000000011", "R", "006")]


def test_a_flood_of_problems_does_not_fill_the_memory():
    file = read_file((FILE + "SE*1*1~" * 5000).encode())
    assert len(file.problems) <= 1001
