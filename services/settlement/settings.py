"""What the settlement service can be told from outside."""

from datetime import timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.settlement.money import payout
from services.settlement.money.estimate import EstimateRule
from services.settlement.terms import Terms
from shared.settings import ServiceSettings, Size


class Policy(BaseSettings):
    """What handlers go by: the marketplace's terms."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    pay_days: str = Field(
        default="1-15:31,16-31:15+1",
        description="Sessions of these days of a month are paid on that day, +1: next month.",
    )
    forgive_below_cents: Annotated[int, Field(ge=0)] = Field(
        default=100, description="A balance of a client below this is forgiven to the marketplace's account."
    )
    estimate_percent: Annotated[Decimal, Field(ge=0, le=100)] = Field(
        default=Decimal(20), description="Share of the rate charged where the primary's benefits are missing or unsure."
    )
    estimate_most_cents: int | None = Field(default=None, description="The most that such an estimate charges.")
    balance_days: Size = Field(default=7, description="Days between the letter on a balance and its charge.")
    rate_wait_hours: Size = Field(
        default=24, description="Hours to wait for a contracted rate before a person is told."
    )
    address_per_minute: Size = Field(
        default=12_000, description="Requests a minute from one address to the statement; a town may share one."
    )
    forgeries_per_minute: Size = Field(
        default=60, description="Links a minute that are not ours before an address is asked to wait."
    )
    brand_product_name: str = Field(default="Evergreen Care", max_length=80, description="The name on the pages.")
    brand_support_address: str = Field(default="support@evergreen-care.example", description="Where questions go.")
    brand_support_phone: str | None = Field(default=None, max_length=40, description="Where questions go by phone.")

    @field_validator("pay_days")
    @classmethod
    def _days_fit_a_month(cls, text: str) -> str:
        payout.pay_days(text)
        return text

    @cached_property
    def terms(self) -> Terms:
        """What is forgiven, and when pay and balances fall due."""
        return Terms(self.forgive_below_cents, payout.pay_days(self.pay_days), self.balance_days)

    @property
    def rule(self) -> EstimateRule:
        """What is charged where the primary's benefits are missing or unsure."""
        return EstimateRule(self.estimate_percent, self.estimate_most_cents)

    @property
    def rate_patience(self) -> timedelta:
        """How long a contracted rate is waited for before a person is told."""
        return timedelta(hours=self.rate_wait_hours)


class Settings(ServiceSettings, Policy):
    """The process's settings: the shared ones, and the policy, so that a wrong one stops the start."""


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy from the environment, read once."""
    return Policy()
