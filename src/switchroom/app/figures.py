"""What ``/metrics`` tells of a node."""

from collections.abc import Mapping

from switchroom.app.parts import Parts
from switchroom.app.status import Status
from switchroom.calls.events import CallConnected, CallCreated, CallRefused, LegDialled
from switchroom.drivers.metrics import Figure
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.foundation.events import Fact
from switchroom.sip.events import RegistrationAdded


def figures(parts: Parts, status: Status, recorder: RecorderProcess) -> Mapping[str, Figure]:
    """Every figure by name, with its help text."""
    return {**_counters(parts, status, recorder), **_gauges(parts, status)}


def _counters(parts: Parts, status: Status, recorder: RecorderProcess) -> Mapping[str, Figure]:
    node = parts.node
    agent, layer, journal = node.user_agent, node.user_agent.layer, node.journal

    def facts(kind: type[Fact], text: str) -> Figure:
        return Figure("counter", text, lambda: node.facts_of[kind])

    return {
        "messages_received": Figure("counter", "SIP messages that arrived", lambda: node.received),
        "messages_sent": Figure("counter", "SIP messages sent", lambda: node.sent),
        "retransmissions": Figure(
            "counter", "SIP messages sent again because no answer came", lambda: layer.resent
        ),
        "repeated_requests": Figure(
            "counter", "Copies of requests that were answered from memory", lambda: layer.repeated
        ),
        "messages_dropped": Figure(
            "counter",
            "Arrivals that were not looked at or made no sense",
            lambda: agent.dropped,
        ),
        "turned_away": Figure(
            "counter",
            "Requests answered 503: too many transactions, or a slow loop",
            lambda: agent.turned_away,
        ),
        "faults": Figure(
            "counter", "Messages and timers that ran into a fault of ours", lambda: node.faults
        ),
        "calls_created": facts(CallCreated, "Calls accepted for routing"),
        "calls_answered": facts(CallConnected, "Calls that were answered"),
        "calls_refused": facts(CallRefused, "Calls turned away before they rang anywhere"),
        "legs_dialled": facts(LegDialled, "INVITEs for phones, URIs and trunks"),
        "registrations": facts(RegistrationAdded, "Registrations and their refreshes"),
        "agents_reconciled": Figure(
            "counter",
            "Agents whose state had to be corrected; a fault unless 0",
            lambda: status.reconciled,
        ),
        "facts_recorded": Figure(
            "counter", "Facts written to the database", lambda: recorder.progress.written_facts
        ),
        "journal_failures": Figure(
            "counter", "Writes to the journal that failed", lambda: journal.failures
        ),
        "journal_dropped": Figure(
            "counter", "Records given up because the disk took nothing", lambda: journal.dropped
        ),
        "journal_unencodable": Figure(
            "counter",
            "Records that could not be written as JSON; a fault unless 0",
            lambda: journal.unencodable,
        ),
        "recorder_failures": Figure(
            "counter",
            "Attempts of the database to write that failed",
            lambda: recorder.progress.failures,
        ),
    }


def _gauges(parts: Parts, status: Status) -> Mapping[str, Figure]:
    node, registrar = parts.node, parts.registrar
    layer, legs = node.user_agent.layer, node.user_agent.legs
    return {
        "calls": Figure("gauge", "Live calls", lambda: len(node.calls.calls)),
        "legs": Figure("gauge", "Live SIP legs", lambda: len(legs.by_id)),
        "registered_contacts": Figure("gauge", "Registered contacts", lambda: len(registrar)),
        "client_transactions": Figure("gauge", "Client transactions", lambda: len(layer.clients)),
        "server_transactions": Figure("gauge", "Server transactions", lambda: len(layer.servers)),
        "banned_sources": Figure(
            "gauge",
            "Sources that are banned now",
            lambda: len(parts.defence.bans(status.now())),
        ),
        "journal_behind_bytes": Figure(
            "gauge",
            "Journal not yet in the database",
            lambda: status.journal_status().behind_bytes,
        ),
        "ready": Figure("gauge", "1 if new calls are welcome", lambda: not status.obstacles()),
    }
