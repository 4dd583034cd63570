"""What an operator can set for the coverage service, beside the settings that all services share."""

from functools import lru_cache
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import ServiceSettings

Days = Annotated[int, Field(ge=1, le=3_650)]


class Policy(BaseSettings):
    """What handlers go by. Read from the environment; the names are the variables, in upper case."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    submitter_id: str = Field(default="MARKETPLACE", max_length=15, description="Our id on X12 (ISA06, GS02).")
    receiver_id: str = Field(default="CLEARINGHOUSE", max_length=15, description="The clearinghouse's id (ISA08).")
    billing_name: str = Field(default="Evergreen Care Group", max_length=60, description="Who asks for benefits.")
    billing_npi: str = Field(default="1234567893", pattern=r"^[0-9]{10}$", description="The NPI of who asks.")
    benefits_fresh_days: Days = Field(
        default=30, description="How far a session's date may be from the benefits that decide it."
    )
    benefits_patience_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        default=24, description="How long a payer may stay silent before its plan counts as unknown."
    )
    directory_patience_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        default=24, description="How long a session waits for its client, plans, payer or provider to be known."
    )
    person_after_days: Days = Field(
        default=30, description="When a payer still states the contrary for this long, a person is told."
    )
    answers_per_minute: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=30, description="Answers a minute that may be sent through one signed link."
    )
    address_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=12_000,
        description="Requests a minute from one address to the signed pages; a town may share one.",
    )
    forgeries_per_minute: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=60, description="Links a minute that are not ours before an address is asked to wait."
    )
    brand_product_name: str = Field(default="Evergreen Care", max_length=80, description="The name on the pages.")
    brand_support_address: str = Field(default="support@evergreen-care.example", description="Where questions go.")
    brand_support_phone: str | None = Field(default=None, max_length=40, description="Where questions go by phone.")


class Settings(ServiceSettings, Policy):
    """The process's settings: the shared ones, and the policy, so that a wrong one stops the start."""


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy that this process was started with."""
    return Policy()
