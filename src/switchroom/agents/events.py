"""Facts about agents: what they chose, and what their calls make of it."""

from typing import ClassVar, Literal, TypeAlias

from switchroom.foundation.events import Fact

Status: TypeAlias = Literal["available", "away", "busy", "offline"]
"What an agent chose. Calls never change it."

State: TypeAlias = Literal["idle", "ringing", "on_call"]
"What calls make: ``ringing`` until the first of the agent's live calls is connected."

Said: TypeAlias = tuple[Status, State, int]
"Status, state and number of live calls, as a fact tells them."


class AgentStateChanged(Fact, frozen=True, kw_only=True, tag="agent.state_changed"):
    """An agent's status, state or number of calls is another than before."""

    resource: ClassVar[str] = "agent_status"
    id_field: ClassVar[str] = "agent_id"

    agent_id: str
    status: Status
    state: State
    calls: int
    "Live calls of this agent, offers included, in and out, on any address."
    corrected: bool = False
    "Set right by comparing it with the live legs; never true unless there is a fault."
