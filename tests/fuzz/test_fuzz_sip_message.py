"""A short, repeatable run of the fuzz target."""

from fuzz.fuzz_sip_message import run, run_once, seeds


def test_the_seeds_themselves_hold() -> None:
    for seed in seeds():
        run_once(seed)


def test_a_short_run_finds_nothing() -> None:
    run(count=2000, seed=1)
