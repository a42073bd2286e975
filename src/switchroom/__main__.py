"""``python -m switchroom``."""

from switchroom.cli.main import main

main()
