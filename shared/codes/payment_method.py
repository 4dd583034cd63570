"""The ways in which a plan counts what another plan has paid before it, under the names that the directory uses.

Sources: NAIC Model 120 and WAC 284-51-230 (standard), the plans' own wording for non-duplication and maintenance of
benefits, 42 CFR 411.32-33 (Medicare as secondary), 42 CFR 447 (Medicaid). What a way comes to in cents is reckoned
twice on purpose: by settlement's forecast, and by the stand-in's insurers, so that one checks the other.
"""

from enum import StrEnum


class Method(StrEnum):
    """How a secondary plan counts what the plans before it have paid."""

    LESSER_OF = "lesser_of"
    NAIC_STANDARD = "naic_standard"
    BASIC = "basic"
    NON_DUPLICATION = "non_duplication"
    MAINTENANCE_OF_BENEFITS = "maintenance_of_benefits"
    MEDICAID_LESSER_OF = "medicaid_lesser_of"
    MEDICARE_SECONDARY = "medicare_secondary"
    SUPPLEMENT = "supplement"
    NONE = "none"
