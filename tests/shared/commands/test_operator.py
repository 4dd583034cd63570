"""Every operator's act names a person."""

import pwd

import pytest

from shared.commands import operator_session
from shared.commands.command import UnreadableInputError


def nobody(_: int) -> pwd.struct_passwd:
    raise KeyError


def test_the_operator_is_who_says_so_else_the_systems_user(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPERATOR", " Ada Lovelace ")
    assert operator_session.operator() == "Ada Lovelace"

    monkeypatch.delenv("OPERATOR")
    assert operator_session.operator()


def test_an_act_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPERATOR", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)

    with pytest.raises(UnreadableInputError, match="OPERATOR=name"):
        operator_session.operator()


@pytest.mark.parametrize("name", ["two\nlines", "x" * 101])
def test_a_name_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv("OPERATOR", name)

    with pytest.raises(UnreadableInputError, match="no name"):
        operator_session.operator()
