"""probe"""
import sys
import time
from pathlib import Path
import pytest
from interop.home_office import HomeOffice
from interop.programs import until


@pytest.mark.parametrize("mode", ["bye_from_udp", "bye_from_tcp", "call_tcp"])
def test_tcp(tmp_path: Path, mode: str) -> None:
    home = HomeOffice(tmp_path)
    try:
        kitchen = home.phone("kitchen", "1001", "tcp").registered()
        caller = home.phone("caller", "1002").registered()
        if mode != "call_tcp":
            caller.do("dial", "1001")
            kitchen.first("INVITE")
            kitchen.do("accept")
            kitchen.first("ACK")
        sys.stdout.write(repr(home.node.status.registrations))
        home.node.kill_and_restart()
        sys.stdout.write(repr(home.node.status.registrations))
        if mode == "bye_from_udp":
            caller.do("hangup")
            until(lambda: "BYE" in kitchen.labels, "bye", 10)
        elif mode == "bye_from_tcp":
            kitchen.do("hangup")
            until(lambda: "BYE" in caller.labels, "bye", 10)
        else:
            caller.do("dial", "1001")
            until(lambda: "INVITE" in kitchen.labels, "INVITE", 10)
        home.is_idle() if mode != "call_tcp" else None
    finally:
        sys.stdout.write(home.end())
        sys.stdout.write(kitchen.program.output[-1500:])
