"""What the platform says of a customer is obeyed by everybody's next request."""

import pytest
from sqlalchemy import Engine

from fakes.authority import Company
from switchroom.store.audit import AuditFilter, entries
from switchroom.store.authority_writer import freeze, recover, set_plan


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


def test_a_plan_is_a_ceiling_of_whatever_roles_allow(company: Company) -> None:
    assert company.may("olga", "trunks:list")

    company.change(set_plan, ["calls:*", "agents:*"])
    assert not company.may("olga", "trunks:list")
    assert company.may("olga", "calls:list")

    company.change(set_plan, [])
    assert company.may("olga", "trunks:list")


def test_an_unknown_pattern_is_said(company: Company) -> None:
    assert company.change(set_plan, ["calls:fly"]).field == "patterns[0]"


def test_a_frozen_customer_is_looked_at_only(company: Company) -> None:
    assert company.change(freeze, "unpaid") == "acme"

    assert company.may("olga", "calls:list")
    assert not company.may("olga", "calls:hangup")
    assert company.change(freeze, "").code == "conflict"

    company.change(recover, "paid")
    assert company.may("olga", "calls:hangup")
    found = entries(company.engine, AuditFilter(target_id="acme"), limit=9)
    assert [(one.action, one.reason) for one in found] == [
        ("customers:recover", "paid"),
        ("customers:freeze", "unpaid"),
    ]
    assert company.change(recover, "").code == "conflict"


def test_another_customer_does_not_notice(company: Company) -> None:
    company.hire("zoe", "owner", customer_id="zeta")

    company.change(freeze, "unpaid")
    company.change(set_plan, ["calls:list"])

    assert company.may("zoe", "trunks:update", "zeta")
