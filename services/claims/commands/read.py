"""`services.claims read`: any X12 file as one JSON document, and whether it may be posted."""

import argparse
from typing import Any

from shared.commands.command import RefusedError, UnreadableInputError, file_argument, read_bytes
from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.claim_837.claim import ClaimBatch
from shared.x12.claim_status_277.status import ClaimStatusReport, StatusInquiry
from shared.x12.document.answers import (
    acknowledgment_document,
    benefits_document,
    inquiries_document,
    status_inquiries_document,
    statuses_document,
)
from shared.x12.document.claims import Document, claims_document, problems_document, remittance_document
from shared.x12.document.interchange import Content, Interchange, TransactionSet, X12File, read_file
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.remittance_835.remittance import Remittance


def run(arguments: argparse.Namespace) -> Document:
    """Read the file; refused (exit 1) where it can be read but must not be posted.

    Raises UnreadableInputError: there is nothing X12 in it. Raises RefusedError: it does not add up.
    """
    file = read_file(read_bytes(arguments.file))
    if not any(interchange.transactions or interchange.acknowledgments for interchange in file.interchanges):
        raise UnreadableInputError(f"{arguments.file} holds no X12 transaction set")
    document = file_document(file)
    if not file.adds_up:
        raise RefusedError(document)
    return document


def file_document(file: X12File) -> Document:
    """The document of a whole file."""
    return {
        "interchanges": [_interchange(interchange) for interchange in file.interchanges],
        "problems": problems_document(file.problems),
    }


def _interchange(interchange: Interchange) -> Document:
    return {
        "control": interchange.control or None,
        "sender": interchange.sender_id or None,
        "receiver": interchange.receiver_id or None,
        "usage": interchange.usage or None,
        "transactions": [_transaction(transaction) for transaction in interchange.transactions],
        "acknowledgments": [
            {
                "control": acknowledgment.control,
                "accepted": acknowledgment.code in ("A", "E"),
                "code": acknowledgment.code,
                "reason": acknowledgment.reason,
            }
            for acknowledgment in interchange.acknowledgments
        ],
        "problems": problems_document(interchange.problems),
    }


def _transaction(transaction: TransactionSet) -> Document:
    return {
        "set": transaction.set_id,
        "control": transaction.control,
        "implementation": transaction.implementation or None,
        **_content(transaction.set_id, transaction.content),
        "problems": problems_document(transaction.problems),
    }


def _content(set_id: str, content: Content) -> dict[str, Any]:
    match content:
        case Remittance():
            return remittance_document(content)
        case ClaimBatch():
            return claims_document(content)
        case ClaimStatusReport():
            return statuses_document(content)
        case Acknowledgment():
            return acknowledgment_document(content)
        case None:
            return {}
        case _:
            return _people(set_id, content)


def _people(
    set_id: str, content: tuple[BenefitsReport, ...] | tuple[EligibilityInquiry, ...] | tuple[StatusInquiry, ...]
) -> Document:
    """The sets whose content is a row of answers or questions about people."""
    reports = tuple(report for report in content if isinstance(report, BenefitsReport))
    inquiries = tuple(inquiry for inquiry in content if isinstance(inquiry, EligibilityInquiry))
    status_inquiries = tuple(inquiry for inquiry in content if isinstance(inquiry, StatusInquiry))
    match set_id:
        case "271":
            return benefits_document(reports)
        case "270":
            return inquiries_document(inquiries)
        case "276":
            return status_inquiries_document(status_inquiries)
        case _:
            raise AssertionError(f"set {set_id} has no document")


set_up = file_argument
