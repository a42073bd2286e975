"""What runs beside the API now and then."""

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from switchroom.app import serve_api
from switchroom.store.audit import DecisionLog
from switchroom.store.database import writing
from switchroom.store.tickets import DatabaseTickets
from switchroom.store.vault import Vault

LIMIT_S = 30.0


def tickets(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM tickets")).scalar_one())


def test_what_has_expired_is_deleted_while_the_api_runs(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = Path(Vault(tmp_path).keep("replaced").removeprefix("file:"))
    Vault(tmp_path).mark([replaced.name], 1.0)
    os.utime(replaced, (1, 1))
    with writing(engine) as connection:
        DatabaseTickets(connection).add(b"old", "session", "s1", 1.0)
        DatabaseTickets(connection).add(b"new", "session", "s1", 9e9)
    monkeypatch.setattr(serve_api, "SETTLE_S", 0.01)

    async def run() -> None:
        every = serve_api.settling(DecisionLog(engine), engine, tmp_path)
        try:
            async with asyncio.timeout(LIMIT_S):
                while tickets(engine) != 1 or replaced.exists():
                    await asyncio.sleep(0.01)  # between two looks
        finally:
            every.stop()
            await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(run())
    assert tickets(engine) == 1
    assert not replaced.exists()
