"""What the claims service can be told from outside."""

from functools import lru_cache
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.claims.patience import ChasePatience, Patience
from shared.settings import ServiceSettings
from shared.x12.syntax.parties import Address, Provider

Days = Annotated[int, Field(ge=1, le=3_650)]


class Policy(BaseSettings):
    """What handlers go by: who we are on X12, and how long we wait."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    submitter_id: str = Field(default="MARKETPLACE", max_length=15, description="Our id on X12 (ISA06).")
    receiver_id: str = Field(default="CLEARINGHOUSE", max_length=15, description="The clearinghouse's id (ISA08).")
    group_sender_id: str = Field(
        default="", max_length=15, description="Our id in GS02, where the partner agreed another than ISA06."
    )
    group_receiver_id: str = Field(
        default="", max_length=15, description="The clearinghouse's id in GS03, where it is another than ISA08."
    )
    claim_submitter_id: str = Field(
        default="", max_length=80, description="Our id in NM1*41, where the partner agreed another than ISA06."
    )
    claim_receiver_id: str = Field(
        default="", max_length=80, description="The clearinghouse's id in NM1*40, where it is another than ISA08."
    )
    billing_name: str = Field(default="Evergreen Care Group", max_length=60, description="Who bills (NM1*85).")
    billing_npi: str = Field(default="1234567893", pattern=r"^[0-9]{10}$", description="The NPI of who bills.")
    billing_tax_id: str = Field(default="941234567", pattern=r"^[0-9]{9}$", description="The EIN of who bills.")
    billing_taxonomy: str = Field(default="261QM0850X", pattern=r"^[0-9A-Z]{10}$", description="Its taxonomy code.")
    billing_address: str = Field(
        default="100 Main Street|Albany|NY|122070001", description="Street|city|state|postal code of who bills."
    )
    undetermined_days: Days = Field(default=7, description="Days a claim waits for an undetermined order of plans.")
    crossover_days: Days = Field(default=30, description="Days to wait for a payer that a claim was forwarded to.")
    unacknowledged_days: Days = Field(default=3, description="Days without a word after which a payer is asked (276).")
    undecided_days: Days = Field(default=21, description="Days without a decision after which a payer is asked.")
    chase_between_days: Days = Field(default=7, description="Days between two questions to a silent payer.")
    chase_questions: Days = Field(default=3, description="Questions to a silent payer before a person is told.")
    filing_help_days: Days = Field(
        default=14, description="Days before a filing window ends on which an unfiled claim is left to a person."
    )

    @property
    def billing(self) -> Provider:
        """The billing provider of every claim."""
        line, city, state, postal_code = self.billing_address.split("|")
        return Provider(
            name=self.billing_name,
            npi=self.billing_npi,
            tax_id=self.billing_tax_id,
            taxonomy=self.billing_taxonomy,
            address=Address(line, city, state, postal_code),
        )

    @property
    def patience(self) -> Patience:
        """How long an order and a forwarded claim are waited for."""
        return Patience(self.undetermined_days, self.crossover_days)

    @property
    def chase(self) -> ChasePatience:
        """When a silent payer is asked."""
        return ChasePatience(
            self.unacknowledged_days, self.undecided_days, self.chase_between_days, self.chase_questions
        )


class Settings(ServiceSettings, Policy):
    """The process's settings: the shared ones, and the policy, so that a wrong one stops the start."""


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy from the environment, read once."""
    return Policy()
