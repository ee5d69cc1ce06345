"""``python -m simcollect.cli``: the same program where its script is not on the path."""

from simcollect.cli import main

main()
