"""Runs a question's proof on the engine: a key that the server contradicts is not published."""

from functools import lru_cache

from sandbox.proving import Verdict, parse_dialogue, prove

from .items import ItemProof


@lru_cache(maxsize=512)
def prove_item(proof: ItemProof) -> Verdict:
    """Raises nothing: a dialogue that cannot be read is a verdict that names the line."""
    return prove(
        parse_dialogue(proof.dialogue), profile=proof.profile, port=proof.port, needs=proof.needs
    )
