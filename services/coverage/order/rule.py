"""Every rule that can put one plan before another: its stable name, what it says, and where it is written.

The sentence takes `first` and `second`, the ids of the plans, and is what a support agent reads to a client.
"""

from enum import StrEnum

MODEL = "NAIC Model 120 (2013)"


class Rule(StrEnum):
    """The rule that decided; the value is its name in answers and events and never changes."""

    sentence: str
    source: str

    def __new__(cls, name: str, sentence: str, source: str) -> "Rule":
        """Keep the sentence and the source beside the name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.sentence = sentence
        member.source = source
        return member

    NO_ACTIVE_PLAN = "no_active_plan", "No plan pays for this date.", "date of service"
    ONLY_PLAN = "only_plan", "{first} is the only plan that pays for this date.", "date of service"
    PAYERS_AGREE = (
        "payers_agree",
        "The insurers of {first} and {second} both say that {first} pays first.",
        "271 and 835 of both payers",
    )
    NO_COB_CLAUSE = (
        "no_cob_clause",
        "{first} has no rule about other plans, so it pays before {second}.",
        f"{MODEL} 6A(2)(a)",
    )
    NONCONFORMING_CLAUSE = (
        "nonconforming_clause",
        "{first} says that it always pays last. The rules don't allow that, so it pays before {second}.",
        f"{MODEL} 6A(2)(a); WAC 284-51-200(5)",
    )
    NON_DEPENDENT_FIRST = (
        "non_dependent_first",
        "{first} is the patient's own plan. It pays before {second}, where the patient is covered as a dependent.",
        f"{MODEL} 6D(1)(a)",
    )
    MEDICARE_REVERSAL = (
        "medicare_reversal",
        "By law Medicare pays after {first} and before {second}, so {first} pays before {second}.",
        f"{MODEL} 6D(1)(b); SDCL 58-18A-69",
    )
    COURT_DECREE = (
        "court_decree",
        "A court order makes the parent who holds {first} responsible. It pays before {second}.",
        f"{MODEL} 6D(2)(b)(i)",
    )
    COURT_DECREE_SPOUSE = (
        "court_decree_spouse",
        "A court made a parent responsible whose spouse holds {first}. It pays before {second}.",
        f"{MODEL} 6D(2)(b)(i)",
    )
    BIRTHDAY = (
        "birthday",
        "The parent who holds {first} has the earlier birthday in the year. It pays before {second}.",
        f"{MODEL} 6D(2)(a)(i)",
    )
    BIRTHDAY_BOTH_RESPONSIBLE = (
        "birthday_both_responsible",
        "A court order makes both parents responsible. The earlier birthday decides: {first} before {second}.",
        f"{MODEL} 6D(2)(b)(ii)",
    )
    BIRTHDAY_JOINT_CUSTODY = (
        "birthday_joint_custody",
        "The parents share custody. The earlier birthday decides: {first} before {second}.",
        f"{MODEL} 6D(2)(b)(iii)",
    )
    SAME_BIRTHDAY_LONGER = (
        "same_birthday_longer",
        "The birthdays are the same. {first} has covered its parent longer than {second}.",
        f"{MODEL} 6D(2)(a)(ii)",
    )
    GENDER_RULE = (
        "gender_rule",
        "One plan still puts the father's plan first, and its rule decides: {first} before {second}.",
        "N.J.A.C. 11:4-28.6; Wis. Adm. Code Ins 3.40(11)(b)3.c",
    )
    PARENT_BEFORE_STEP_PARENT = (
        "parent_before_step_parent",
        "{first} is a parent's plan. It pays before {second}, a step-parent's plan.",
        f"{MODEL} 6D(2)",
    )
    CUSTODY = (
        "custody",
        "The parent with custody comes first, then that parent's spouse, then the other parent, then that parent's "
        "spouse. So {first} pays before {second}.",
        f"{MODEL} 6D(2)(b)(iv)",
    )
    CHILD_AND_SPOUSE_LONGER = (
        "child_and_spouse_longer",
        "The patient is covered by a parent's plan and a spouse's plan. {first} has covered them longer than {second}.",
        f"{MODEL} 6D(2)(d)(i)",
    )
    CHILD_AND_SPOUSE_BIRTHDAY = (
        "child_and_spouse_birthday",
        "A parent's plan and a spouse's plan began on one day. The earlier birthday decides: {first} before {second}.",
        f"{MODEL} 6D(2)(d)(ii)",
    )
    ACTIVE_FIRST = (
        "active_first",
        "{first} comes from a current job. It pays before {second}, which comes from a former job.",
        f"{MODEL} 6D(3)",
    )
    CONTINUATION_LAST = (
        "continuation_last",
        "{second} is continued (COBRA) coverage. {first} pays before it.",
        f"{MODEL} 6D(4)",
    )
    LONGER_COVERAGE = "longer_coverage", "{first} has covered the patient longer than {second}.", f"{MODEL} 6D(5)"
    EQUAL_SHARE = (
        "equal_share",
        "No rule puts {first} or {second} first, so both share the cost equally. {first} is billed first.",
        f"{MODEL} 6D(6)",
    )
    MEDICARE_WORKING_AGED = (
        "medicare_working_aged",
        "{first} comes from a current job with an employer of 20 people or more. It pays before {second} (Medicare).",
        "42 CFR 411.172",
    )
    MEDICARE_LARGE_EMPLOYER = (
        "medicare_large_employer",
        "{first} comes from a current job with an employer of 100 people or more. It pays before {second} (Medicare).",
        "42 CFR 411.204",
    )
    MEDICARE_ESRD_PERIOD = (
        "medicare_esrd_period",
        "For the first 30 months of kidney disease, {first} pays before {second} (Medicare).",
        "42 CFR 411.162",
    )
    MEDICARE_AFTER_ESRD_PERIOD = (
        "medicare_after_esrd_period",
        "The first 30 months of kidney disease are over. {first} (Medicare) pays before {second}.",
        "42 CFR 411.162, 411.163(b)(3)",
    )
    MEDICARE_STAYS_FIRST = (
        "medicare_stays_first",
        "{first} (Medicare) was already first before the kidney disease began. It stays before {second}.",
        "42 CFR 411.163(b)(4)",
    )
    MEDICARE_SMALL_EMPLOYER = (
        "medicare_small_employer",
        "The employer behind {second} is too small to come first. {first} (Medicare) pays before it.",
        "42 CFR 411.172(a), 411.204(a)",
    )
    MEDICARE_NO_CURRENT_JOB = (
        "medicare_no_current_job",
        "{second} does not come from a current job. {first} (Medicare) pays before it.",
        "42 CFR 411.172(a)(1), 411.204(a)",
    )
    MEDICARE_NOT_OWN_OR_SPOUSE = (
        "medicare_not_own_or_spouse",
        "{second} comes neither from the patient's job nor from a spouse's. {first} (Medicare) pays before it.",
        "42 CFR 411.172(a)(1)",
    )
    MEDICARE_NOT_GROUP = (
        "medicare_not_group",
        "{second} is not an employer's plan. {first} (Medicare) pays before it.",
        "42 CFR 411.101",
    )
    ACTIVE_DUTY_FIRST = (
        "tricare_active_duty_first",
        "{first} is TRICARE of a member on active duty, whose care is the forces' own duty. It pays before {second}.",
        "10 USC 1074(a); 32 CFR 199.3(b), 199.16",
    )
    TRICARE_LAST = (
        "tricare_after_others",
        "By law {second} (TRICARE) pays after other coverage, so {first} pays before it.",
        "32 CFR 199.8",
    )
    CHAMPVA_LAST = (
        "champva_after_others",
        "By law {second} (CHAMPVA) pays after other coverage, so {first} pays before it.",
        "38 CFR 17.270",
    )
    SUPPLEMENT_LAST = (
        "supplement_after_program",
        "{second} is written to supplement TRICARE or CHAMPVA, so it pays after them: {first} pays before it.",
        "32 CFR 199.8; 38 CFR 17.270",
    )
    CHIP_LAST = (
        "chip_after_others",
        "By law {second} (CHIP) pays after other coverage, so {first} pays before it.",
        "42 USC 1397ee(c)(6); 42 CFR 457.310(b)(2)",
    )
    MEDICAID_LAST = (
        "medicaid_last",
        "{second} is Medicaid, which by law pays after all other coverage. {first} pays before it.",
        "42 CFR 433.138, 433.139",
    )

    def words(self, first: str, second: str = "") -> str:
        """The sentence with the plans' ids in it; a rule about one plan needs no `second`."""
        return self.sentence.format(first=first, second=second)


def table() -> list[dict[str, str]]:
    """Every rule with its sentence and its source, for the documentation and the `rules` command."""
    return [{"rule": rule.value, "says": rule.sentence, "source": rule.source} for rule in Rule]
