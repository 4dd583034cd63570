"""The book of the stand-in, who is found in it, and the settings that name it."""

import json
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr, ValidationError

from services.payers.book.book import (
    DEMO_BOOK,
    Book,
    BookError,
    Card,
    Insurer,
    Member,
    OtherPlan,
    Plan,
    Span,
    read_book,
    read_insurer,
)
from services.payers.book.membership import find
from services.payers.characters.characters import UnknownCharacterError, check, named_in
from services.payers.characters.remittance_characters import PaysTwice
from services.payers.settings import Settings
from shared.codes.payment_method import Method
from shared.events.directory import CoordinationMethod
from shared.x12.syntax.parties import Person

SAM = Person("Doe", "Sam", birth_date=date(1990, 5, 4))
PLAN = {"name": "Choice", "allowed_cents": {"90837": 15000}}


def with_insurer(**changes: Any) -> str:
    """The JSON of a book of one insurer."""
    return json.dumps({"insurers": [{"payer_id": "ONE", "name": "One", "plans": [PLAN], **changes}]})


def test_the_demo_book_can_be_used():
    book = read_book(DEMO_BOOK.read_bytes())

    check(book)
    assert [insurer.payer_id for insurer in book.insurers] == [
        "PLANONE",
        "PLANTWO",
        "OUTNET",
        "DISPUTE",
        "MEDIAID",
        "MEADOW",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "the book: Invalid JSON", id="not JSON"),
        pytest.param(with_insurer(plans=[]), "insurers.0.plans", id="no plan"),
        pytest.param(with_insurer(plan=1), "insurers.0.plan: Extra inputs", id="a spelling mistake"),
        pytest.param(with_insurer(plans=[PLAN | {"allowed_cents": {"90837": -1}}]), "90837", id="negative money"),
        pytest.param(with_insurer(plans=[PLAN | {"coordination": "fair"}]), "coordination", id="an unknown method"),
        pytest.param(
            with_insurer(plans=[PLAN | {"members": [{"member_id": "A", "active": [{"since": "2026-02-30"}]}]}]),
            "insurers.0.plans.0.members.0.active.0.since",
            id="30 February",
        ),
        pytest.param(
            with_insurer(
                plans=[
                    PLAN | {"members": [{"member_id": "A", "active": [{"since": "2026-02-02", "to": "2026-02-01"}]}]}
                ]
            ),
            "`to` is before `since`",
            id="cover that ends before it begins",
        ),
        pytest.param(
            json.dumps({"insurers": json.loads(with_insurer())["insurers"] * 2}), "ONE is there twice", id="twice"
        ),
    ],
)
def test_a_book_that_cannot_be_used_says_where(text: str, said: str):
    with pytest.raises(BookError) as caught:
        read_book(text)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_character_that_does_not_exist_is_found_in_the_book():
    with pytest.raises(UnknownCharacterError, match="nasty is no character"):
        check(read_book(with_insurer(characters=["nasty"])))


def test_cover_ends_with_its_last_day():
    span = Span(since=date(2026, 1, 1), to=date(2026, 3, 31))

    assert [span.holds(date(2026, 3, 31)), span.holds(date(2026, 4, 1))] == [True, False]


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (None, [], None),
        (None, [None], None),
        (None, ["primary"], "secondary"),
        (None, ["primary", "secondary"], "tertiary"),
        (None, ["secondary"], "primary"),
        ("primary", ["primary"], "primary"),
    ],
)
def test_an_insurers_place_follows_from_the_roles_of_the_others(own: Any, others: list[Any], expected: str | None):
    plans = tuple(OtherPlan(payer_id=f"P{number}", name="Other", role=role) for number, role in enumerate(others))

    assert Member(member_id="A", own_role=own, other_plans=plans).role() == expected


def test_a_member_is_listed_or_fits_the_pattern_and_keeps_the_characters_of_all():
    plan = Plan.model_validate(PLAN | {"anyone": "ONE*", "members": [{"member_id": "ONE1", "relation": "spouse"}]})
    insurer = Insurer(payer_id="P", name="One", characters=("unbalanced",), plans=(plan,))
    book = Book(insurers=(insurer,))

    members = [find(book, "P", id, SAM, {"*2": ("pays_twice",)}) for id in ("ONE1", "ONE1.pays_twice", "ONE2", "TWO")]

    assert [insured and (insured.member.relation, insured.characters) for insured in members] == [
        ("spouse", ("unbalanced",)),
        ("spouse", ("unbalanced",)),
        (None, ("unbalanced", "pays_twice")),
        None,
    ]
    assert find(book, "Q", "ONE1", SAM, {}) is None


def test_people_who_share_a_card_have_files_of_their_own():
    book = read_book(DEMO_BOOK.read_bytes())
    kim = Person("Doe", "Kim", birth_date=date(2015, 1, 1))

    files = [insured.key for who in (SAM, kim) if (insured := find(book, "PLANONE", "ONE1001", who, {})) is not None]

    assert files == ["PLANONE/ONE1001/1990-05-04", "PLANONE/ONE1001/2015-01-01"]


@pytest.mark.parametrize("member_id", ["ONE7", "ONE7.nobody", "ONE7.answers_after-soon", "ONE.7"])
def test_a_member_id_that_names_no_character_is_just_an_id(member_id: str):
    assert named_in(member_id) == ()


def test_a_member_id_names_its_characters():
    (twice,) = named_in("ONE7.pays_twice-9")

    assert (type(twice), twice.number) == (PaysTwice, 9)


def test_the_first_card_that_fits_a_client_answers():
    book = Book(insurers=(), cards=(Card(clients="c1*", answer="declined"), Card(clients="*", answer="disputed")))

    assert [book.card("c12"), book.card("d"), Book(insurers=()).card("c12")] == ["declined", "disputed", "pays"]


def test_settings_need_nothing_but_the_database(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PAYERS_CHARACTERS", raising=False)

    directions = Settings(database_url=SecretStr("postgresql://x")).directions()

    assert (directions.book, directions.characters, directions.adjudication_days) == (
        read_book(DEMO_BOOK.read_bytes()),
        {},
        5,
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"A*": ["pays_twice"]}', None),
        ("{", "not JSON"),
        ('{"A*": "pays_twice"}', "valid tuple"),
        ('{"A*": ["nobody"]}', "nobody is no character"),
    ],
)
def test_characters_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, said: str | None):
    monkeypatch.setenv("PAYERS_CHARACTERS", value)

    if said is None:
        assert Settings(database_url=SecretStr("postgresql://x")).payers_characters == {"A*": ("pays_twice",)}
    else:
        with pytest.raises(ValidationError, match=said):
            Settings(database_url=SecretStr("postgresql://x"))


def test_settings_without_a_usable_book_are_refused_in_one_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="No such file"):
        Settings(database_url=SecretStr("postgresql://x"), payers_book=tmp_path / "none.json")


def test_the_directory_knows_every_method_by_its_name():
    assert {*Method} | {"unknown"} == set(get_args(CoordinationMethod))


def test_the_insurer_for_all_others_answers_for_every_payer_and_member_that_the_book_lacks():
    any_other = read_insurer((DEMO_BOOK.parent / "any_other.json").read_bytes())
    book = read_book(DEMO_BOOK.read_bytes()).model_copy(update={"any_other": any_other})

    stood_for = book.insurer("60054")
    listed = book.insurer("PLANONE")

    assert stood_for is not None
    assert listed is not None
    assert (stood_for.payer_id, stood_for.name, listed.name) == ("60054", "60054", "Plan One Health")
    assert find(book, "60054", "W123456789", Person("Sam", "Doe"), {}) is not None
    assert find(book, "60054", "W1.pays_twice", Person("Sam", "Doe"), {}) is not None


def test_the_setting_names_the_insurer_for_all_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PAYERS_ANY_OTHER", str(DEMO_BOOK.parent / "any_other.json"))
    directions = Settings(database_url=SecretStr("postgresql://x")).directions()

    assert directions.book.insurer("60054") is not None

    (tmp_path / "wrong.json").write_text('{"payer_id": "X"}')
    monkeypatch.setenv("PAYERS_ANY_OTHER", str(tmp_path / "wrong.json"))
    with pytest.raises(ValueError, match=r"PAYERS_ANY_OTHER.*name: Field required"):
        Settings(database_url=SecretStr("postgresql://x"))
