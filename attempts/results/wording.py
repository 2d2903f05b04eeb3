"""Says responses and times in words, for those who read about them afterwards. Pure."""

from collections.abc import Mapping

from questions.items import Item
from questions.kinds import Response


def response_in_words(item: Item, response: Response) -> str:
    """What was answered, on one line; empty if nothing was."""
    if not response:
        return ""
    if isinstance(response, str):
        return response
    options = {option.ident: option for option in item.options}
    if isinstance(response, Mapping):
        if "steps" in response:
            return f"{response['done']}/{response['steps']}"
        if item.kind == "ordering":
            steps = sorted(
                (ident for ident in response if ident in options), key=lambda ident: response[ident]
            )
            return " → ".join(options[ident].text for ident in steps)
        return "; ".join(
            f"{options[left].text} → {options[right].counterpart}"
            for left, right in response.items()
            if left in options and right in options
        )
    return "; ".join(options[ident].text for ident in response if ident in options)


def time_in_words(seconds: int) -> str:
    """45 s, 3 min 10 s, 1 h 5 min; the signs are the same in every language."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"
