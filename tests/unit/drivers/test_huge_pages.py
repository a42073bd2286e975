"""Gathering memory changes where data lies, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from switchroom.drivers.huge_pages import HUGE_PAGE, gather_memory, whole_pages

MAPS = """\
00400000-00a00000 r-xp 00000000 fe:00 1234                       /usr/bin/python3.11
01000000-01234000 rw-p 00000000 00:00 0                          [heap]
7f0000100000-7f0000a10000 rw-p 00000000 00:00 0 
7f0001000000-7f0001100000 rw-p 00000000 00:00 0 
7f0002000000-7f0002400000 rw-p 00000000 fe:00 99                 /var/lib/a.db
7f0003000000-7f0003400000 rw-s 00000000 00:01 7                  /dev/zero (deleted)
7f0004000000-7f0004400000 r--p 00000000 00:00 0 
7fff00000000-7fff00400000 rw-p 00000000 00:00 0                  [stack]
"""  # noqa: W291 - as the kernel writes it

GATHER = """
data = [str(number) for number in range(400_000)]
from switchroom.drivers.huge_pages import gather_memory
print(gather_memory())
print(next(line for line in open("/proc/self/smaps_rollup") if "AnonHuge" in line))
assert data == [str(number) for number in range(400_000)]
"""


def test_only_private_data_that_fills_a_huge_page_counts() -> None:
    assert list(whole_pages(MAPS.splitlines(keepends=True))) == [
        (0x01000000, 0x01200000),
        (0x7F0000200000, 0x7F0000A00000),
    ]


def test_the_kernel_has_gathered_what_is_said_and_the_data_is_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GATHER], capture_output=True, text=True, timeout=60, check=True
    )
    said, found = (int(number) for number in re.findall(r"\d+", done.stdout))
    if not said:
        release = Path("/proc/sys/kernel/osrelease").read_text().strip()
        pytest.skip(f"this kernel ({release}) does not gather memory, or has no room")
    assert said % HUGE_PAGE == 0
    assert found * 1024 >= said


def test_doing_it_again_does_no_harm() -> None:
    assert gather_memory() >= 0
    assert gather_memory() >= 0
