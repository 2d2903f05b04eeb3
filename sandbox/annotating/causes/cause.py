"""One usual reason of a refusal, and what to do next."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`codes`, `verbs` and `details` (of the enhanced code, without its class) are alternatives;
    an empty one fits all, and a code 0, which is not known, fits where there are details. `text`
    is looked for in the reply, `product` names the server. "connect" is the verb of a greeting,
    "." of the end of a message."""

    why: str
    step: str
    codes: frozenset[int] = frozenset()
    verbs: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()
    text: str = ""
    product: str = ""

    def fits(self, code: int, detail: str, verb: str, text: str, product: str) -> bool:
        return (
            (not self.codes or code in self.codes or (not code and bool(self.details)))
            and (not self.verbs or verb in self.verbs)
            and (not self.details or detail in self.details)
            and (not self.product or product == self.product)
            and (not self.text or re.search(self.text, text, re.IGNORECASE) is not None)
        )


def cause(
    why: str,
    step: str,
    codes: str = "",
    verbs: str = "",
    details: str = "",
    text: str = "",
    product: str = "",
) -> Cause:
    numbers = frozenset(int(code) for code in codes.split())
    return Cause(
        why, step, numbers, frozenset(verbs.split()), frozenset(details.split()), text, product
    )
