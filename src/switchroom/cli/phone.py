"""``switchroom phone``: a phone for scripts and tests that registers, calls, answers, hangs up."""

import asyncio
import os
import signal
from typing import Annotated

import typer

from switchroom.app.phone_line import Subscription, phone_line
from switchroom.cli.node import JsonOption, saying_errors
from switchroom.cli.phone_story import Story
from switchroom.drivers.settings import host_and_port
from switchroom.simulator.phone import Phone
from switchroom.simulator.policy import Policy
from switchroom.store.secret import Clear, read_secret


def phone(  # noqa: PLR0913 - each is an option of the command
    *,
    server: Annotated[str, typer.Option(help="HOST:PORT of the server, numeric.")],
    user: Annotated[str, typer.Option(help="The extension, for example 1001.")],
    domain: Annotated[str, typer.Option(help="SIP domain of the customer.")] = "",
    password: Annotated[str, typer.Option(help="env:NAME, file:/PATH or the text itself.")] = "",
    call: Annotated[str, typer.Option(help="Call this number, name or SIP URI.")] = "",
    answer_after: Annotated[
        float, typer.Option(min=0, help="Seconds until an incoming call is answered.")
    ] = 0.0,
    no_answer: Annotated[bool, typer.Option("--no-answer", help="Only ring.")] = False,
    reject: Annotated[
        int, typer.Option(min=0, max=699, help="Refuse incoming calls with this status.")
    ] = 0,
    talk: Annotated[
        float | None, typer.Option(min=0, help="Hang up so many seconds after the answer.")
    ] = None,
    ring: Annotated[
        float | None, typer.Option(min=0, help="With --call: give up after so many seconds.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End after one incoming call.")] = False,
    wait: Annotated[
        float | None, typer.Option("--for", min=0, help="End after so many seconds at most.")
    ] = None,
    register: Annotated[
        bool, typer.Option(help="A call can be made without being registered.")
    ] = True,
    transport: Annotated[str, typer.Option(help="udp or tcp.")] = "udp",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Our own; 0: any free one.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Be a phone. Exit status: 0 as asked, 1 not answered, 2 usage, 3 not registered."""
    policy = Policy(
        answer_after_s=None if no_answer else answer_after, reject=_status(reject), talk_s=talk
    )
    subscription = _subscription(server, transport, user, domain, password, port)
    if not (register or call):
        raise typer.BadParameter("a phone that does not register can only --call")
    story = Story(
        call=call, talk_s=talk, ring_s=ring, once=once, rejects=bool(reject), as_json=as_json
    )
    with saying_errors():
        status = asyncio.run(run(subscription, policy, story, wait, register=register))
    raise typer.Exit(status)


async def run(
    subscription: Subscription,
    policy: Policy,
    story: Story,
    wait_s: float | None,
    *,
    register: bool,
) -> int:
    """The exit status of a phone that has done what ``story`` asks."""
    async with phone_line(subscription) as line:
        line.policy = policy
        story.begin(line)
        if register:
            line.register()
        else:
            story.call_out()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, story.stop)
        try:
            async with asyncio.timeout(wait_s):
                await story.done.wait()
        except TimeoutError:
            story.stop()
        _leave(line)
    return story.status


def _leave(line: Phone) -> None:
    """Hang up what is left, and take the registration back."""
    for call in list(line.calls.values()):
        line.hang_up(call)
    if line.registered == "registered":
        line.unregister()


def _status(reject: int) -> int:
    if reject and reject < 400:
        raise typer.BadParameter("a call is rejected with a status from 400 to 699")
    return reject


def _subscription(
    server: str, transport: str, user: str, domain: str, password: str, port: int
) -> Subscription:
    try:
        host, server_port = host_and_port(server)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if transport not in ("udp", "tcp"):
        raise typer.BadParameter("--transport is udp or tcp")
    if not server_port:
        raise typer.BadParameter("--server needs a port")
    clear = ""
    if password:
        secret = read_secret(password, os.environ)
        if not isinstance(secret, Clear):
            raise typer.BadParameter(getattr(secret, "text", "--password cannot be a hash"))
        clear = secret.password
    hop = (transport, host, server_port)
    return Subscription(user, domain or host, hop, clear, port=port)
