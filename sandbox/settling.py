"""What a server process does once it is set up: from then on its garbage is that of connections."""

import gc

GARBAGE = 20_000  # container objects made since the last look; a message makes about a thousand


def settle() -> None:
    """What stands now stays, so it need not be looked at again: without this the collector takes
    a third of the time of a busy listener."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 50)
