"""What hours the directory may give."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.events.directory import Opening, PayerListed

SPAN = {"days": ["mon", "fri"], "from_time": "08:00", "to_time": "17:00"}
PAYER = {"payer_id": "ONE", "name": "Plan One"}


def test_a_payer_without_hours_is_listed_as_before():
    assert PayerListed.model_validate(PAYER).opening == ()


def test_a_payer_gives_its_hours_in_its_own_time_zone():
    listed = PayerListed.model_validate({**PAYER, "opening": [SPAN], "time_zone": "America/New_York"})

    assert listed.opening == (Opening(days=("mon", "fri"), from_time="08:00", to_time="17:00"),)


@pytest.mark.parametrize(
    ("opening", "zone", "says"),
    [
        (SPAN, None, "opening needs a time_zone"),
        (SPAN, "America/Gotham", "no time zone is named"),
        (SPAN, "EST", "time_zone"),
        (SPAN, "America/../New_York", "time_zone"),
        ({**SPAN, "to_time": "08:00"}, "America/New_York", "to_time is not after from_time"),
        ({**SPAN, "from_time": "8:00"}, "America/New_York", "from_time"),
        ({**SPAN, "to_time": "24:01"}, "America/New_York", "to_time"),
        ({**SPAN, "days": []}, "America/New_York", "days"),
        ({**SPAN, "days": ["lunes"]}, "America/New_York", "days"),
    ],
)
def test_hours_that_nobody_could_keep_are_refused(opening: dict[str, Any], zone: str | None, says: str):
    with pytest.raises(ValidationError, match=says):
        PayerListed.model_validate({**PAYER, "opening": [opening], "time_zone": zone})
