"""schemathesis over the whole API as every built-in role: no 5xx, no status that is not documented.

``python -m fuzz.fuzz_api [ROLE …]`` in ``tests/``, or ``make fuzz-api``.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from fakes.two_customers import ASKERS, TwoCustomers, two_customers
from switchroom.api.server import serving_http

EXAMPLES = 4
"Of each operation and role; bugs that need more are found by running it again."
PROGRAM = Path(sys.executable).parent / "schemathesis"
WITHOUT = "/v1/auth/(logout|password)"
"Would end the session that everything else is asked with."


def command(port: int, token: str) -> list[str]:
    """What is run."""
    return [
        str(PROGRAM),
        "run",
        f"http://127.0.0.1:{port}/v1/openapi.json",
        "--header",
        f"Authorization: Bearer {token}",
        "--checks",
        "not_a_server_error,status_code_conformance",
        "--exclude-path-regex",
        WITHOUT,
        "--max-examples",
        str(EXAMPLES),
        "--phases",
        "examples,fuzzing",
        "--seed",
        "1",
        "--no-color",
    ]


async def fuzzed(world: TwoCustomers, roles: list[str]) -> int:
    """How many roles found something."""
    failed = 0
    async with serving_http(world.world.app, "127.0.0.1", 0) as port:
        for role in roles:
            world.put_back()
            token = world.world.token(f"acme-{role}", "acme")
            done = await asyncio.to_thread(
                subprocess.run, command(port, token), capture_output=True, text=True, check=False
            )
            sys.stdout.write(f"{role}: {'fine' if done.returncode == 0 else done.stdout[-6000:]}\n")
            sys.stdout.flush()
            failed += done.returncode != 0
    return failed


def main() -> None:
    """All roles, or those that are named."""
    with two_customers() as world:
        raise SystemExit(asyncio.run(fuzzed(world, sys.argv[1:] or list(ASKERS))))


if __name__ == "__main__":
    main()
