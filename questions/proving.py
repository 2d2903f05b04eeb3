"""Runs a question's proof on the engine: a key that the server contradicts is not published."""

from functools import lru_cache

from sandbox.proving import Verdict, parse_dialogue, prove

from .items import ItemProof


@lru_cache(maxsize=512)
def prove_item(proof: ItemProof) -> Verdict:
    """Raises ValueError for an unknown profile or a dialogue that cannot be read."""
    return prove(
        parse_dialogue(proof.dialogue), profile=proof.profile, port=proof.port, needs=proof.needs
    )


def contradiction(proof: ItemProof) -> str:
    """What speaks against the proof, in words; empty if it holds or waits for the engine."""
    try:
        verdict = prove_item(proof)
    except ValueError as error:
        return str(error)
    return "" if verdict.ok or verdict.waiting else str(verdict.difference)
