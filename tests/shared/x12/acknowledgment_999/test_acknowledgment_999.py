"""999s and 997s: read from the shapes that payers send, written and read back."""

from datetime import datetime

import pytest

from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment, SyntaxFault
from shared.x12.acknowledgment_999.reader import read_acknowledgment_files
from shared.x12.acknowledgment_999.writer import write_acknowledgments
from shared.x12.syntax.envelope_writer import Envelope
from tests.shared.x12.sample_files import in_envelope, sample

ENVELOPE = Envelope("PAYERONE", "MARKET", 91, datetime(2026, 1, 25, 9))  # noqa: DTZ001


def test_a_999_tells_set_by_set_what_was_wrong_and_where():
    partly, noted = read_acknowledgment_files(sample("acknowledgment_999"))
    assert (partly.control, partly.code, partly.accepted) == ("71", "P", False)
    assert [(transaction.control, transaction.accepted) for transaction in partly.sets] == [
        ("0001", True),
        ("0002", False),
    ]
    assert partly.sets[1] == AcknowledgedSet(
        "0002",
        "837",
        "R",
        (
            SyntaxFault("CLM", 22, "8", "", "5:3", "I9", "7", "SITUATIONAL TRIGGER:CLM"),
            SyntaxFault("CLM", 22, "8", "", "2", "1", "", "SITUATIONAL TRIGGER:CLM"),
            SyntaxFault("REF", 23, "3", "2300"),
        ),
        ("5", "I5"),
        "005010X222A1",
    )
    assert (noted.accepted, noted.sets[0].accepted, noted.sets[0].error_codes) == (True, True, ("5",))


def test_a_997_is_read_like_a_999():
    (answer,) = read_acknowledgment_files(sample("acknowledgment_997"))
    assert answer.sets == (
        AcknowledgedSet("0001", "837", "R", (SyntaxFault("NM1", 8, "8", "2010AA", "9", "1"),), ("5",)),
    )
    assert not answer.accepted


@pytest.mark.parametrize(
    ("segments", "accepted", "problems"),
    [
        pytest.param(("AK1*HC*1", "AK9*A*1*1*1"), True, [], id="group alone"),
        pytest.param(("AK1*HC*1", "AK2*837*1", "IK5*R", "AK9*A*1*1*1"), False, ["answers_disagree"], id="disagree"),
        pytest.param(("AK1*HC*1", "AK2*837*1", "IK5*A"), False, ["group_answer_missing"], id="no AK9"),
        pytest.param(
            ("AK1*HC*1", "AK2*837*1", "AK9*A*1*1*1"), False, ["answers_disagree", "set_answer_missing"], id="no IK5"
        ),
        pytest.param(("IK5*A", "CTX*X", "IK4*1"), False, ["group_answer_missing"], id="nothing to answer"),
    ],
)
def test_accepted_means_the_group_and_every_set(segments: tuple[str, ...], accepted: bool, problems: list[str]):
    (answer,) = read_acknowledgment_files(in_envelope(*segments, set_id="999"))
    assert (answer.accepted, [problem.name for problem in answer.problems]) == (accepted, problems)


def test_acknowledgments_that_are_written_are_read_back():
    fault = SyntaxFault("CLM", 22, "8", "2300", "2", "1", "X", "SITUATIONAL TRIGGER")
    bad = AcknowledgedSet("0002", "837", "R", (fault, SyntaxFault("REF", 23, "3", "2300")), ("5",), "005010X222A1")
    good = AcknowledgedSet("0001", "837", "A", implementation="005010X222A1")
    answer = Acknowledgment("HC", "71", "P", (good, bad), "005010X222A1", 2, 2, 1)
    assert read_acknowledgment_files(write_acknowledgments([answer], ENVELOPE)) == (answer,)
