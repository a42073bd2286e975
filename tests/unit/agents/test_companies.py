"""As which company somebody inside calls."""

from msgspec.structs import replace

from fakes.company import ALICE, BEN, CARA, CONFIGURATION
from switchroom.agents.companies import Companies
from switchroom.directory.model import Agent, Extension, Number, Target


def presented(agent: Agent | None, extension_id: str, *numbers: Number) -> str | None:
    configuration = replace(CONFIGURATION, numbers=numbers or CONFIGURATION.numbers)
    extension = Extension(extension_id, "acme", "", "", "")
    number = Companies(configuration).number_of(agent, extension)
    return None if number is None else number.e164


def test_number_that_leads_to_the_agent() -> None:
    assert presented(ALICE, "x1001") == "+12025550100"


def test_number_that_leads_to_the_extension() -> None:
    assert presented(None, "x1004") == "+12025550102"
    assert presented(None, "x1005") is None


def test_number_of_a_group_if_the_agent_serves_one_client_only() -> None:
    alpha = Number("1", "acme", "+12025550111", Target("group", "sales"), "alpha")
    beta = Number("2", "acme", "+12025550112", Target("group", "all"), "beta")
    assert presented(BEN, "x1002", alpha) == "+12025550111"
    assert presented(BEN, "x1002", alpha, replace(beta, to=Target("group", "sales"))) is None
    assert presented(CARA, "x1005", alpha, beta) == "+12025550112"
