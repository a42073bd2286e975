"""An agent's state in any order of events: never stuck, and every change said once."""

from collections.abc import Sequence
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.company import ALICE, BEN
from switchroom.agents.availability import Availability
from switchroom.agents.events import AgentStateChanged
from switchroom.directory.model import Agent

AGENTS = [ALICE, BEN]
What = Literal["offer", "engage", "connect", "end", "away", "back", "configure"]
WHAT: list[What] = [
    "offer",
    "offer",
    "engage",
    "connect",
    "end",
    "end",
    "away",
    "back",
    "configure",
]
LEGS = [(call, f"{call}{leg}") for call in "abc" for leg in "12"]
STEPS = st.tuples(st.sampled_from(WHAT), st.sampled_from(AGENTS), st.sampled_from(LEGS))


class World:
    """The live legs, and what has been said of the agents."""

    def __init__(self) -> None:
        self.availability = Availability()
        self.availability.configure(AGENTS)
        self.live: dict[tuple[str, str, str], bool] = {}
        self.said: dict[str, tuple[str, str, int]] = {
            a.id: ("available", "idle", 0) for a in AGENTS
        }

    def calls(self, agent: Agent) -> set[str]:
        return {call for agent_id, call, _ in self.live if agent_id == agent.id}

    def hear(self, facts: Sequence[AgentStateChanged]) -> None:
        for fact in facts:
            news = (fact.status, fact.state, fact.calls)
            assert self.said[fact.agent_id] != news, "what is the same is not said"
            assert not fact.corrected
            self.said[fact.agent_id] = news

    def step(self, what: What, agent: Agent, call: str, leg: str) -> None:
        availability, key = self.availability, (agent.id, call, leg)
        match what:
            case "offer" if availability.is_available(agent.id, call):
                assert call in self.calls(agent) or len(self.calls(agent)) < agent.capacity
                self.live[key] = False
                self.hear(availability.leg_started(*key, 0.0))
            case "engage":
                self.live[key] = False
                self.hear(availability.leg_started(*key, 0.0))
            case "connect":
                self.live.update({key: True} if key in self.live else {})
                self.hear(availability.leg_connected(*key, 0.0))
            case "end":
                self.live.pop(key, None)
                self.hear(availability.leg_ended(*key, 0.0))
            case "away":
                self.hear(availability.set_status(agent.id, "away", 0.0))
            case "back":
                self.hear(availability.set_status(agent.id, "available", 0.0))
            case "configure":
                availability.configure(AGENTS)

    def check(self, agent: Agent) -> None:
        calls = self.calls(agent)
        talks = any(on for (agent_id, _, _), on in self.live.items() if agent_id == agent.id)
        state = "idle" if not calls else "on_call" if talks else "ringing"
        assert self.availability.state(agent.id) == (state, len(calls))
        status = self.availability.status(agent.id)
        assert self.said[agent.id] == (status, state, len(calls)), "every change is said"


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_state_is_the_live_legs_and_every_change_is_said(
    steps: list[tuple[What, Agent, tuple[str, str]]],
) -> None:
    world = World()
    for what, agent, (call, leg) in steps:
        world.step(what, agent, call, leg)
        for one in AGENTS:
            world.check(one)
    live = [(*key, connected) for key, connected in world.live.items()]
    differences, _ = world.availability.reconcile(live, 0.0)
    assert not differences, "there is nothing to set right"
