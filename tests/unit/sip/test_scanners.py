"""Scanners by name."""

import pytest

from switchroom.sip.scanners import is_scanner


@pytest.mark.parametrize(
    "name", ["friendly-scanner", "SIPVicious 0.3", "pplsip", "sipcli/v1.8", "iWar"]
)
def test_scanners_are_known_by_their_name(name: str) -> None:
    assert is_scanner(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Yealink SIP-T46S 66.86.0.15",
        "Grandstream GXP2170 1.0.11.6",
        "snomD785/10.1.184.17",
        "Asterisk PBX 20.5.0",
        "baresip v3.9.0 (x86_64/Linux)",
        "LinphoneAndroid/5.2.3",
        "Zoiper v2.10.20",
        "sipsak 0.9.8",
        "PolycomVVX-VVX_411-UA/6.4.6",
        "FPBX-16.0.40(18.20.0)",
        "Z 5.6.4 v2.10",
        "eyeBeam release 1105a",
        "Vax-SIPClient/3.1",
        "Taiwarm 2",
        "SmapOne 1.0",
    ],
)
def test_phones_trunks_and_testers_are_no_scanners(name: str) -> None:
    assert not is_scanner(name)
