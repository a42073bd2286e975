"""The node's commands, for routes. The calls are the node's; here is only what it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from switchroom.api.ports import NodePort, Scalar


class AgentState(msgspec.Struct, frozen=True):
    """What an agent chose, and what calls make of it."""

    id: str
    status: str
    state: str
    live_calls: int


class NodeCommands:
    """Commands with their arguments and answers."""

    def __init__(self, node: NodePort) -> None:
        self._node = node

    def agent_states(self, ids: Sequence[str]) -> dict[str, AgentState]:
        """Status and state by id, of those agents that the node knows."""
        answer = self._node.ask("agent_states", {"ids": msgspec.json.encode(ids).decode()})
        found = msgspec.convert(answer, list[AgentState])
        return {one.id: one for one in found}

    def choose_status(self, agent_id: str, status: str) -> None:
        """The agent's status from now on."""
        self._node.ask("choose_status", {"agent_id": agent_id, "status": status})

    def hang_up(self, call_id: str, by: str) -> None:
        """End the call."""
        self._node.ask("hang_up", {"call_id": call_id, "by": by})

    def originate(self, order: Mapping[str, Scalar]) -> str:
        """Begin a call; returns its id."""
        return str(self._node.ask("originate", order)["call_id"])

    def status(self) -> Any:
        """All that the node says about itself."""
        return self._node.ask("status", {})
