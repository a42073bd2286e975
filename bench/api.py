"""A guarded GET against the same route and query without session and permission.

Both are asked in turns over the same kind of connection of one server, by a client in a process of
its own. The figure is the ratio of their requests per second of the server's CPU time, which does
not depend on what else the machine does.
"""

import argparse
import asyncio
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.responses import Response

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fakes.two_customers import TwoCustomers, two_customers
from switchroom.api.access import public
from switchroom.api.configuration.answers import shown
from switchroom.api.routes.agents import AgentRead
from switchroom.api.server import serving_http

AIM = 0.85
ASKER = Path(__file__).with_name("asker.py")
PATH, BARE_PATH = "/v1/agents/acme-mate", "/bare/acme-mate"


def add_bare(world: TwoCustomers) -> None:
    """The same route and query, for everybody."""
    app = world.world.app
    ports = app.state.ports
    resources = ports.resources["agents"]
    from switchroom.api.ports import Credentials

    token = world.world.token("acme-owner", "acme")
    actor = ports.gate.open(Credentials(token, "bearer", "127.0.0.1"), world.world.now)
    bit = ports.catalog.bit("agents:get")

    @app.get("/bare/{id}", response_model=AgentRead)
    @public("a bench")
    def bare(id: str, response: Response) -> object:
        row = resources.find(actor.compiled, bit, id)
        assert row is not None
        return shown(AgentRead, row, response)


class Asker:
    """A client in another process, which asks over one connection for each round."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def timed(self, request: bytes, count: int) -> float:
        """Requests per second of CPU time of this process, which only serves."""
        output, answer = self._process.stdin, self._process.stdout
        assert output is not None
        assert answer is not None
        began = time.process_time()
        output.write(f"{count} {request.hex()}\n".encode())
        assert await answer.readline() == b"done\n"
        return count / (time.process_time() - began)


@asynccontextmanager
async def asker(port: int) -> AsyncIterator[Asker]:
    """Gone at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ASKER), str(port), stdin=PIPE, stdout=PIPE
    )
    try:
        yield Asker(process)
    finally:
        process.kill()
        await process.wait()


async def measured(world: TwoCustomers, rounds: int, count: int) -> list[tuple[float, float]]:
    """Pairs of guarded and bare requests per second of CPU time."""
    token = world.world.token("acme-owner", "acme")
    bearer = f"Authorization: Bearer {token}\r\n"
    guarded = f"GET {PATH} HTTP/1.1\r\nHost: x\r\n{bearer}\r\n".encode()
    bare = f"GET {BARE_PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    async with serving_http(world.world.app, "127.0.0.1", 0) as port, asker(port) as client:
        await client.timed(guarded, 50)
        await client.timed(bare, 50)
        return [
            (await client.timed(guarded, count), await client.timed(bare, count))
            for _ in range(rounds)
        ]


def main() -> None:
    """Print the ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--quick", action="store_true", help="only to see that it runs")
    chosen = options.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.count = 3, 100
    with two_customers() as world:
        add_bare(world)
        # No bucket may run dry while we measure.
        world.world._clock = 0.0
        pairs = asyncio.run(measured(world, chosen.rounds, chosen.count))
    ratios = sorted(guarded / bare for guarded, bare in pairs)
    ratio = statistics.median(ratios)
    print(f"guarded {statistics.median(one for one, _ in pairs):.0f}/s")
    print(f"bare    {statistics.median(one for _, one in pairs):.0f}/s")
    print(f"ratio   {ratio:.2f} (of {len(ratios)} rounds: {ratios[0]:.2f} to {ratios[-1]:.2f})")
    print(f"aim     {AIM:.2f}: {'met' if ratio >= AIM else 'missed'}")


if __name__ == "__main__":
    main()
