"""What ``/metrics`` tells."""

from pathlib import Path
from typing import cast

from fakes.company import CONFIGURATION
from fakes.quiet_node import quiet_node
from switchroom.app.figures import figures
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.foundation.events import Fact


def test_a_record_that_cannot_be_written_is_counted(tmp_path: Path) -> None:
    with quiet_node(tmp_path, CONFIGURATION) as node:
        shown = figures(node.parts, node.status, cast(RecorderProcess, None))["journal_unencodable"]
        assert shown.read() == 0
        node.parts.node.journal.add(Fact(at=1.0, customer_id=cast(str, object())))
        node.parts.node.flush()
        assert shown.read() == 1
