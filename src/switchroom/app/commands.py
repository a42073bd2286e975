"""What the control socket of a running node can be asked."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import get_args

import msgspec
from sqlalchemy import Engine

from switchroom.agents.events import Status
from switchroom.app.applying import access, operator_means
from switchroom.app.originate import begin, order_of
from switchroom.app.parts import Parts, Successor, successor_of
from switchroom.app.status import Status as NodeView
from switchroom.calls.model import Ender
from switchroom.directory.model import Agent, Configuration
from switchroom.directory.naming import NoSuchAgentError, agent_called
from switchroom.drivers.control import Command, Stream
from switchroom.drivers.control_protocol import Request
from switchroom.drivers.fact_stream import FactStream
from switchroom.drivers.status import AgentStatus, CallBegun, CallStatus, NodeStatus
from switchroom.foundation.errors import SwitchroomError
from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.leg import Cause
from switchroom.store.apply.run import ApplyResult, plan_and_apply
from switchroom.store.collector import collector_waits
from switchroom.store.configuration import Loaded, load_configuration

_LONGEST_SLEEP_S = 3600.0
"Loading once an hour does no harm, and the clock may be set meanwhile."

_ids = msgspec.json.Decoder(list[str])
_variables = msgspec.json.Decoder(dict[str, str])


class NoSuchCallError(SwitchroomError):
    """The call is over, or never was."""

    code = "no_such_call"


class NoSuchStatusError(SwitchroomError):
    """Agents cannot choose this."""

    code = "no_such_status"


class Commands:
    """Commands and streams by name; each looks at the node or changes it in one step."""

    def __init__(self, parts: Parts, status: NodeView, stream: FactStream, engine: Engine) -> None:
        self._parts = parts
        self._status = status
        self._stream = stream
        self._engine = engine
        self._environ = dict(os.environ)
        "The node's, and what came with the files that were applied: passwords are read again."
        self._taking_over = asyncio.Lock()
        self._alarm: asyncio.TimerHandle | None = None
        self._refreshing: asyncio.Future[None] | None = None
        self.named: Mapping[str, Command] = {
            "status": self._tell_status,
            "calls": self._tell_calls,
            "agents": self._tell_agents,
            "agent_states": self._tell_agent_states,
            "apply": self._apply,
            "hang_up": self._hang_up,
            "originate": self._originate,
            "lift_ban": self._lift_ban,
            "set_status": self._set_status,
            "choose_status": self._choose_status,
            "reload": self._reload,
        }
        self.streams: Mapping[str, Stream] = {"events": self._follow}

    def _tell_status(self, _request: Request) -> NodeStatus:
        return self._status.node()

    def _tell_calls(self, _request: Request) -> tuple[CallStatus, ...]:
        return self._status.calls()

    def _tell_agents(self, _request: Request) -> tuple[AgentStatus, ...]:
        return self._status.agents()

    def _tell_agent_states(self, request: Request) -> list[dict[str, object]]:
        """Status and state of agents by id; those that the node does not know are left out."""
        ids = _ids.decode(str(request.arguments.get("ids", "[]")))
        availability, directory = self._parts.availability, self._parts.directory
        states = ((id, availability.state(id)) for id in ids if directory.agent(id) is not None)
        return [
            {"id": id, "status": availability.status(id), "state": state, "live_calls": calls}
            for id, (state, calls) in states
        ]

    def _choose_status(self, request: Request) -> str:
        """The same as ``set_status`` for an agent by id."""
        id = str(request.arguments.get("agent_id", ""))
        agent = self._parts.directory.agent(id)
        if agent is None:
            raise NoSuchAgentError(f"no agent has the id {id!r}")
        return self._choose(agent, request).status

    async def _apply(self, request: Request) -> ApplyResult:
        """Make the configuration what the file says, and put it in force; calls go on."""
        text = str(request.arguments.get("text", ""))
        environ = _variables.decode(str(request.arguments.get("environ", "{}")))
        dry_run = bool(request.arguments.get("dry_run", False))
        result = await asyncio.to_thread(
            plan_and_apply, self._engine, text, operator_means(environ), dry_run=dry_run
        )
        if not result.faults and not dry_run:
            # Even if nothing has changed: what was applied without this node counts from now on.
            self._environ |= environ
            await self._take_over(self._environ)
        return result

    async def _take_over(self, environ: Mapping[str, str]) -> None:
        """Put the stored configuration in force."""
        async with self._taking_over:  # what was read first must not come last
            before = self._parts.directory.configuration
            loaded, successor = await asyncio.to_thread(self._load, before, environ)
            self._parts.configure(successor, self._status.now())
            self._parts.node.flush()
            self._status.warn(loaded.missing)
        self.holds_until(loaded.valid_until)

    def _load(self, before: Configuration, environ: Mapping[str, str]) -> tuple[Loaded, Successor]:
        """What is stored, ready to be put in force; in a thread, since calls go on meanwhile."""
        with collector_waits():
            loaded = load_configuration(self._engine, access(), self._status.utc(), environ)
            return loaded, successor_of(before, loaded.configuration, self._status.utc())

    def holds_until(self, when: UtcSeconds | None) -> None:
        """Load the configuration again at ``when``: somebody's role begins or ends then."""
        self.stop()
        if when is not None:
            delay_s = min(max(0.0, when - self._status.utc()), _LONGEST_SLEEP_S)
            self._alarm = asyncio.get_running_loop().call_later(delay_s, self._refresh)

    def stop(self) -> None:
        """Load nothing any more by itself."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _refresh(self) -> None:
        self._refreshing = asyncio.ensure_future(self._take_over(self._environ))

    async def _reload(self, _request: Request) -> str:
        """Somebody has changed the stored configuration; the next call obeys it."""
        await self._take_over(self._environ)
        return "reloaded"

    def _hang_up(self, request: Request) -> str:
        call_id = str(request.arguments.get("call_id", ""))
        node = self._parts.node
        call = node.calls.calls.get(call_id)
        if call is None:
            raise NoSuchCallError(f"no call {call_id!r} is live on this node")
        now = self._status.now()
        ender = self._ender(str(request.arguments.get("by", "")), call.customer_id)
        # Not his name: the phones of strangers are told as well.
        who = "operator" if ender is None else "agent"
        cause = Cause(0, 16, f"Hung up by {who}")
        node.perform(node.calls.hang_up(call_id, cause, now, ender))
        return "hung up"

    def _ender(self, agent_id: str, customer_id: str) -> Ender | None:
        """The agent of this customer who hangs up; ``None`` for operators and platform staff."""
        agent = self._parts.directory.agent(agent_id)
        if agent is None or agent.customer_id != customer_id:
            return None
        return Ender(agent.id, f"Hung up by {agent.username}")

    async def _originate(self, request: Request) -> CallBegun:
        """Begin a call; whoever hears its id finds its record, unless the recorder is late."""
        parts, now = self._parts, self._status.now()
        order = order_of(request.arguments, parts.directory)
        begun = begin(parts.node.calls, order, now)
        parts.node.perform(begun.outputs)
        await self._status.recorded()
        return CallBegun(begun.call_id)

    def _lift_ban(self, request: Request) -> bool:
        return self._parts.defence.lift(str(request.arguments.get("source", "")))

    def _set_status(self, request: Request) -> AgentStatus:
        known = {one.id: one for one in self._parts.directory.agents}
        usernames = {id: one.username for id, one in known.items()}
        id = agent_called(str(request.arguments.get("agent", "")), usernames)
        return self._choose(known[id], request)

    def _choose(self, agent: Agent, request: Request) -> AgentStatus:
        parts = self._parts
        try:
            chosen = msgspec.convert(request.arguments.get("status"), Status)
        except msgspec.ValidationError:
            raise NoSuchStatusError(f"a status is one of {', '.join(get_args(Status))}") from None
        facts = parts.availability.set_status(agent.id, chosen, self._status.utc())
        parts.node.perform([*facts])
        return self._status.agent(agent)

    def _follow(self, _request: Request) -> AsyncIterator[int]:
        return self._stream.follow()
