"""For how many days each kind of record is kept, in one place: what `docs/operating/retention.md` explains.

The least that a setting takes is what law or the work itself needs.
"""

from functools import lru_cache
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KeptDays(BaseSettings):
    """The retention periods. Every service knows all of them and uses those of what it keeps."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    inbox_days: Annotated[int, Field(ge=31, le=3_650)] = Field(
        default=35, description="How long handled ids are kept; longer than the topics' retention."
    )
    set_aside_days: Annotated[int, Field(ge=31, le=3_650)] = Field(
        default=90, description="How long messages that could not be read are kept; parked ones wait for ever."
    )
    letter_facts_days: Annotated[int, Field(ge=30, le=3_650)] = Field(
        default=365, description="Days after which the facts of an ended letter are forgotten; that it went out is not."
    )
    evidence_days: Annotated[int, Field(ge=400, le=3_650)] = Field(
        default=730,
        description="Days for which X12 files, payers' answers on benefits, and the evidence of what a person has"
        " resolved are kept as proof.",
    )
    record_days: Annotated[int, Field(ge=2_192, le=7_305)] = Field(
        default=2_557,
        description="Days for which sessions, claims, decisions and letters sent are kept after they ended, and"
        " clients after their last session; seven years, six at the least.",
    )
    ledger_days: Annotated[int, Field(ge=2_557, le=10_958)] = Field(
        default=3_653,
        description="Days for which what the ledger rests on is kept; ten years. Its postings are never deleted.",
    )


@lru_cache(maxsize=1)
def kept_days() -> KeptDays:
    """The periods from the environment, read once."""
    return KeptDays()
