"""What the demo says at its end: the verdict, what to try next, log-ins for real phones."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from switchroom.app.demo.cast import AGENT, DOMAIN, EXTENSIONS, variable_of
from switchroom.app.demo.node import DemoNode
from switchroom.app.demo.promises import Promise
from switchroom.app.demo.stage import MOBILE_ANSWERS_S
from switchroom.drivers.transports import address_towards

MARKS = {True: "✓", False: "✗"}
SOMEBODY_OUTSIDE = "192.0.2.1"
"Nobody's (RFC 5737); our address towards it is the one that the network sees. Nothing is sent."


def verdict(out: Console, promises: Sequence[Promise]) -> None:
    """Say whether all promises were kept, and which were not."""
    broken = [promise for promise in promises if not promise.is_kept]
    out.print()
    if not broken:
        out.print(f"{MARKS[True]} All {len(promises)} promises were kept.", style="bold green")
        return
    out.print(f"{MARKS[False]} {len(broken)} of {len(promises)} promises broken:", style="bold red")
    for promise in broken:
        out.print(f"  {promise.text}: {promise.broken}", style="red")


def closing_words(out: Console) -> None:
    """What to try next; every line is a command that exists."""
    program = program_name()
    out.print()
    out.print("What next:")
    for what, words in (
        ("the same, then a node for your own phones", "demo --keep"),
        (
            'a node of your own; README.md, "Five minutes to a first call", has a file for it',
            "serve --help",
        ),
        ("a phone for scripts and tests", "phone --help"),
    ):
        _print_command(out, f"{program} {words}", what)


def log_ins(out: Console, node: DemoNode, passwords: Mapping[str, str]) -> None:
    """All that a real phone and a curious person need while the node stays."""
    address = address_towards(SOMEBODY_OUTSIDE)
    here, server = f"127.0.0.1:{node.sip_port}", f"{address}:{node.sip_port}"
    first, second = (passwords[variable_of(number)] for number in EXTENSIONS[:2])
    program, data = program_name(), node.data
    out.print()
    out.print("The node stays; Ctrl-C ends it and removes its data. Your phones:", style="bold")
    out.print(f"  Server     {server} by UDP or TCP; on this machine also {here}")
    out.print(f"  Domain     {DOMAIN}, or the server's address")
    for number in EXTENSIONS:
        whose = "Alice's, for up to 5 phones" if number == EXTENSIONS[0] else "a colleague's"
        out.print(f"  Extension  {number}  password {passwords[variable_of(number)]}  ({whose})")
    out.print(f"  Dial       {AGENT} from {EXTENSIONS[1]}: all phones of {EXTENSIONS[0]} ring,")
    out.print(
        f"             and two simulated ones; the mobile answers after {MOBILE_ANSWERS_S:g} s"
    )
    out.print()
    out.print("A line for ~/.baresip/accounts, and a caller without a phone:", style="bold")
    _print_line(out, f"<sip:{EXTENSIONS[0]}@{server}>;auth_pass={first}")
    _print_line(
        out,
        f"{program} phone --server {here} --domain {DOMAIN} --user {EXTENSIONS[1]}"
        f" --password {second} --call {AGENT} --talk 3",
    )
    out.print()
    out.print("Look inside:", style="bold")
    for words in ("status", "calls", "events --follow", "export"):
        _print_line(out, f"{program} {words} --data {data}")


def program_name() -> str:
    """How this program is called here: ``switchroom``, or ``.venv/bin/switchroom`` of a clone."""
    called = Path(sys.argv[0])
    found = shutil.which("switchroom")
    if called.name != "switchroom" or (found is not None and _is_same(called, Path(found))):
        return "switchroom"
    short = os.path.relpath(called)
    return str(called) if short.startswith("..") else short


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _print_command(out: Console, command: str, what: str) -> None:
    out.print(f"  {command}", style="cyan", soft_wrap=True)
    out.print(f"      {what}", soft_wrap=True)


def _print_line(out: Console, text: str) -> None:
    """Not wrapped by us: a terminal that wraps it still copies it as one line."""
    out.print(f"  {text}", style="cyan", soft_wrap=True)
