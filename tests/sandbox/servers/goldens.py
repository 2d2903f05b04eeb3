"""What the real servers answered, as files that a person can read and compare."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .playing import Played

OFFERED = ("ehlo", "tls")  # the starts whose last reply lists keywords
FOLDER = Path(__file__).parent / "goldens"


@dataclass(frozen=True, slots=True)
class Golden:
    """`version` is that of the Debian package; `offer` lists what EHLO is answered with, by the
    name of the start of a scenario."""

    server: str
    version: str
    offer: dict[str, tuple[str, ...]]
    played: dict[str, Played]


def read_golden(server: str) -> Golden:
    """Raises ValueError unless there is exactly one file of that server."""
    (path,) = FOLDER.glob(f"{server}-*.toml")
    read = tomllib.loads(path.read_text())
    played = {
        slug: Played(tuple((said, heard) for said, heard in row["steps"]), row["closed"])
        for slug, row in read["scenario"].items()
    }
    offer = {start: tuple(keywords) for start, keywords in read["offer"].items()}
    return Golden(read["server"], read["version"], offer, played)


def write_golden(golden: Golden) -> None:
    """Takes the place of the file of an older version."""
    lines = [f"server = {_quote(golden.server)}", f"version = {_quote(golden.version)}"]
    lines += ["", "[offer]"]
    for start, keywords in golden.offer.items():
        lines += [f"{start} = [", *(f"  {_quote(keyword)}," for keyword in keywords), "]"]
    for slug, played in golden.played.items():
        lines += ["", f"[scenario.{slug}]", "steps = ["]
        lines += [f"  [{_quote(said)}, {_quote(heard)}]," for said, heard in played.steps]
        lines += ["]", f"closed = {str(played.closed).lower()}"]
    for path in FOLDER.glob(f"{golden.server}-*.toml"):
        path.unlink()
    release = ".".join(golden.version.partition("-")[0].split(".")[:2])
    (FOLDER / f"{golden.server}-{release}.toml").write_text("\n".join(lines) + "\n")


def _quote(text: str) -> str:
    if "'" in text:
        return json.dumps(text, ensure_ascii=False)
    return f"'{text}'"
