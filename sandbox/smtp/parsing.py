"""Arguments of commands: names, paths, parameters, by the grammar of RFC 5321 section 4.1.2."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from .parameters import Check
from .states import State


class Refused(Exception):
    """The command is answered with this rule. `fill` goes into its text.

    It changes nothing, but for `after`, the state that follows where it is not the same.
    """

    def __init__(
        self, rule: str, case: str = "", *, after: State | None = None, **fill: str
    ) -> None:
        super().__init__(rule, case)
        self.rule = rule
        self.case = case
        self.after = after
        self.fill = fill


@dataclass(frozen=True, slots=True)
class Path:
    """What stands between the angle brackets, source route taken off. The null path is empty.

    `local_part` is as written; `user` is what it means, without quotes.
    """

    local_part: str
    domain: str
    routed: bool = False

    @property
    def address(self) -> str:
        return f"{self.local_part}@{self.domain}" if self.domain else self.local_part

    @property
    def user(self) -> str:
        if not self.local_part.startswith('"'):
            return self.local_part
        return re.sub(r"\\(.)", r"\1", self.local_part[1:-1])


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
# Possessive: a part that has matched is never tried again, so the work is linear.
_LOCAL_PART = re.compile(rf'{_ATOM}(?:\.{_ATOM})*+|"(?:[ !#-\[\]-~]|\\[ -~])*+"')
# RFC 6531 section 3.3 lets every octet above 127 stand in atoms, quoted strings and labels.
_WIDE = "\\u0080-\\U0010ffff"
_UTF8_ATOM = _ATOM.replace("[", f"[{_WIDE}", 1)
_UTF8_LOCAL_PART = re.compile(
    rf'{_UTF8_ATOM}(?:\.{_UTF8_ATOM})*+|"(?:[ !#-\[\]-~{_WIDE}]|\\[ -~])*+"'
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_UTF8_LABEL = rf"[A-Za-z0-9{_WIDE}](?:[A-Za-z0-9{_WIDE}-]{{0,61}}[A-Za-z0-9{_WIDE}])?"
_UTF8_DOMAIN = re.compile(rf"{_UTF8_LABEL}(?:\.{_UTF8_LABEL})*+")
_PATH = re.compile(r'<((?:[^"<>\\]|\\.|"(?:[^"\\]|\\.)*+")*+)>')
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*+")
_VALUE = re.compile(rf"[!-<>-~{_WIDE}]++")

# RFC 5321 section 4.5.3.1.1 to 4.5.3.1.3
_MAX_LOCAL_PART, _MAX_DOMAIN, _MAX_PATH = 64, 255, 256


def is_domain(text: str) -> bool:
    return len(text) <= _MAX_DOMAIN and _DOMAIN.fullmatch(text) is not None


def _is_local_part(text: str) -> bool:
    grammar = _LOCAL_PART if text.isascii() else _UTF8_LOCAL_PART
    return grammar.fullmatch(text) is not None


def _is_path_domain(text: str) -> bool:
    grammar = _DOMAIN if text.isascii() else _UTF8_DOMAIN
    return grammar.fullmatch(text) is not None or is_address_literal(text)


def _n_octets(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def is_address_literal(text: str) -> bool:
    """RFC 5321 section 4.1.3, with its square brackets. IPv6 is the only tag ever registered."""
    if not (text.startswith("[") and text.endswith("]")):
        return False
    inner = text[1:-1]
    try:
        if inner[:5].lower() == "ipv6:":
            IPv6Address(inner[5:])
        else:
            IPv4Address(inner)
    except AddressValueError:
        return False
    return "%" not in inner  # a zone index is no part of the literal


def parse_client_name(text: str) -> str:
    """The argument of EHLO and HELO: it must look like a name, it need not be a true one."""
    if is_domain(text) or is_address_literal(text):
        return text
    if not text:
        case = "missing"
    elif " " in text:
        case = "space"
    elif text.startswith("["):
        case = "literal"
    elif "_" in text:
        case = "underscore"
    else:
        case = ""
    raise Refused("ehlo.bad-name", case)


def split_path(text: str, *, verb: str, keyword: str) -> tuple[str, str]:
    """`FROM:<path> parameters` as path (without brackets) and parameters."""
    rule = f"{verb}.syntax"
    mark = len(keyword)
    if text[:mark].upper() != keyword:
        raise Refused(rule, "keyword")
    if text[mark : mark + 1] != ":":
        raise Refused(rule, "space" if text[mark:].lstrip()[:1] == ":" else "keyword")
    path_onwards = text[mark + 1 :]
    if path_onwards[:1] in (" ", "\t"):
        raise Refused(rule, "space")
    found = _PATH.match(path_onwards)
    if found is None:
        raise Refused(rule, "brackets")
    rest = path_onwards[found.end() :]
    if rest.lstrip(" ,;")[:1] == "<":
        raise Refused(rule, "two-paths")
    if rest and rest[0] != " ":
        raise Refused(rule, "two-paths" if rest[0] in ",;" else "glued")
    return found[1], rest


@lru_cache(maxsize=1024)
def parse_path(text: str, *, verb: str) -> Path:
    """A path without its brackets; "" and a bare postmaster are for the caller to allow."""
    rule = f"{verb}.bad-path"
    if _n_octets(text) + 2 > _MAX_PATH:
        raise Refused(rule, "path-long")
    routed = text.startswith("@")
    if routed:
        # Source routes MUST be accepted and SHOULD be ignored (RFC 5321 section 3.6.1).
        route, colon, text = text.partition(":")
        if not colon or not all(
            hop.startswith("@") and is_domain(hop[1:]) for hop in route.split(",")
        ):
            raise Refused(rule, "route")
    local_part, at, domain = text.rpartition("@")
    if not at:
        raise Refused(rule, "no-domain")
    if _n_octets(local_part) > _MAX_LOCAL_PART:
        raise Refused(rule, "local-part-long")
    if not _is_local_part(local_part):
        raise Refused(rule, "local-part")
    if not _is_path_domain(domain):
        raise Refused(rule, "literal" if domain.startswith("[") else "domain")
    return Path(local_part, domain, routed)


def parse_parameters(
    text: str, allowed: Mapping[str, Check], *, unknown_case: Callable[[str], str]
) -> dict[str, str]:
    """Values by upper-case keyword, "" where there is none (RFC 5321 section 4.1.1.11)."""
    pairs = []
    for token in text.split():
        keyword, equals, value = token.partition("=")
        pairs.append((keyword, value if equals else None))
    for keyword, _ in pairs:
        if _KEYWORD.fullmatch(keyword) and keyword.upper() not in allowed:
            name = keyword.upper()
            raise Refused("param.unknown", unknown_case(name), keyword=name[:64])
    values: dict[str, str] = {}
    for keyword, given in pairs:
        name = keyword.upper()
        if name not in allowed or (given is not None and not _VALUE.fullmatch(given)):
            raise Refused("param.value", "malformed")
        if name in values:
            raise Refused("param.value", "repeated")
        if not allowed[name](given):
            raise Refused("param.value", name)
        values[name] = given or ""
    return values


def is_header_like(word: bytes) -> bool:
    """`Subject:` and the like, but not a verb with a colon behind it."""
    name, colon, _ = word.partition(b":")
    return bool(colon) and _KEYWORD.fullmatch(name.decode("latin-1")) is not None
