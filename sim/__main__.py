"""``python -m sim``: the program ``csto-sim``, where its script is not on the path."""

from sim.cli.main import main

main()
