"""A guarded GET against the same route and query without session and permission.

Both stand in the same router and are asked in short turns over the same kind of connection of one
server, by a client in a process of its own. The figure is the ratio of the server's CPU time for
either over all turns, which depends little on what else the machine does.
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
from switchroom.api.routes.agents import AgentRead, router
from switchroom.api.server import serving_http

AIM = 0.85
ASKER = Path(__file__).with_name("asker.py")
PATH, BARE_PATH = "/v1/agents/acme-mate", "/v1/agents/bare/acme-mate"
TURN = 25
"Requests of one kind in a row: about 50 ms, so that a slow moment meets both."


def add_bare(world: TwoCustomers) -> None:
    """The same route and query for everybody, right before the guarded one, to be found as soon."""
    ports = world.world.app.state.ports
    resources = ports.resources["agents"]
    from switchroom.api.ports import Credentials

    token = world.world.token("acme-owner", "acme")
    with ports.gate.opened(Credentials(token, "bearer", "127.0.0.1"), world.world.now) as actor:
        compiled = actor.compiled
    bit = ports.catalog.bit("agents:get")

    @router.get("/bare/{id}", response_model=AgentRead)
    @public("a bench")
    def bare(id: str, response: Response) -> object:
        row = resources.find(compiled, bit, id)
        assert row is not None
        return shown(AgentRead, row, response)

    guarded = next(
        place
        for place, route in enumerate(router.routes)
        if getattr(route, "path", "") == "/v1/agents/{id}"
    )
    router.routes.insert(guarded, router.routes.pop())


class Asker:
    """A client in another process, which asks over one connection for each round."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def cpu_s(self, request: bytes, count: int) -> float:
        """CPU time of this process, which only serves, for so many answers."""
        output, answer = self._process.stdin, self._process.stdout
        assert output is not None
        assert answer is not None
        began = time.process_time()
        output.write(f"{count} {request.hex()}\n".encode())
        assert await answer.readline() == b"done\n"
        return time.process_time() - began


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


async def measured(world: TwoCustomers, turns: int) -> list[tuple[float, float]]:
    """CPU time of guarded and of bare requests, turn by turn."""
    token = world.world.token("acme-owner", "acme")
    bearer = f"Authorization: Bearer {token}\r\n"
    guarded = f"GET {PATH} HTTP/1.1\r\nHost: x\r\n{bearer}\r\n".encode()
    bare = f"GET {BARE_PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    async with serving_http(world.world.app, "127.0.0.1", 0) as port, asker(port) as client:
        for request in (guarded, bare):
            await client.cpu_s(request, 4 * TURN)
        return [
            (await client.cpu_s(guarded, TURN), await client.cpu_s(bare, TURN))
            for _ in range(turns)
        ]


def main() -> None:
    """Print the ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--turns", type=int, default=120)
    chosen = options.parse_args()
    with two_customers() as world:
        add_bare(world)
        # No bucket may run dry while we measure.
        world.world._clock = 0.0
        pairs = asyncio.run(measured(world, chosen.turns))
    ratios = statistics.quantiles([of_bare / of_guarded for of_guarded, of_bare in pairs])
    guarded = statistics.mean(of_guarded for of_guarded, _ in pairs) * 1000 / TURN
    bare = statistics.mean(of_bare for _, of_bare in pairs) * 1000 / TURN
    ratio = bare / guarded
    print(f"guarded {guarded:.2f} ms of CPU")
    print(f"bare    {bare:.2f} ms of CPU")
    print(f"ratio   {ratio:.2f} (half of {len(pairs)} turns: {ratios[0]:.2f} to {ratios[2]:.2f})")
    print(f"aim     {AIM:.2f}: {'met' if ratio >= AIM else 'missed'}")


if __name__ == "__main__":
    main()
