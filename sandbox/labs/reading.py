"""Lab files → labs. Pure: what is wrong is reported with file and item, all of it at once."""

import re
from collections import Counter
from dataclasses import fields, replace

from ..smtp import FAULTS, PROFILES, Limits, Profile, Ref
from ..smtp.references import DOCUMENTS
from ..tables import Table
from .lab import (
    CommandPattern,
    ContentPattern,
    EndPattern,
    EventPattern,
    FailingSession,
    LabBan,
    LabCheck,
    LabFile,
    LabServer,
    LabStep,
    Pattern,
    WrongTurn,
)

LEVELS = ("intro", "core", "stretch")
LEAST_FAILING = 3
TITLE_CHARACTERS = 120
OCCURRENCES = ("connect", "tls", "wait", "close", "vanish")
EVERYDAY_OFFER = ("SIZE", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES")


def read_lab(table: Table, slug: str) -> LabFile:
    table.item = f'lab "{slug}"'
    hints = table.table("hints") or Table({}, table.file, table.problems, f"{table.item}: hints")
    lab = LabFile(
        slug=slug,
        title=table.line("title", TITLE_CHARACTERS),
        level=table.choice("level", LEVELS),
        position=table.number("position"),
        goal=table.text("goal"),
        topics=table.texts("topics"),
        server=_read_server(table),
        steps=tuple(_read_step(inner) for inner in table.tables("step", named="step")),
        bans=tuple(
            _read_ban(inner) for inner in table.tables("forbid", named="forbid", required=False)
        ),
        checks=_read_checks(table),
        turns=tuple(_read_turn(inner) for inner in table.tables("wrong", named="wrong")),
        nudge=hints.text("nudge"),
        commands=hints.block("commands"),
        question=table.text("question", ""),
        answer=table.text("answer", ""),
        passing=table.block("passing"),
        failing=tuple(_read_failing(inner) for inner in table.tables("failing", named="failing")),
        definition=table.values,
    )
    hints.done()
    table.done()
    _check(lab, table)
    return lab


def _check(lab: LabFile, table: Table) -> None:
    ids = [step.id for step in lab.steps] + [ban.id for ban in lab.bans]
    ids += [check.id for check in lab.checks]
    for name, n in Counter(ids).items():
        if n > 1:
            table.report(f"id {name!r} stands {n} times")
    if len(lab.failing) < LEAST_FAILING:
        table.report(f"has {len(lab.failing)} failing sessions; {LEAST_FAILING} is the least")
    for number, failing in enumerate(lab.failing, start=1):
        if failing.because not in ids:
            table.report(f"failing {number}: no step, ban or check is called {failing.because!r}")
    if bool(lab.question) is not bool(lab.answer):
        table.report("question and answer belong together")


def _read_step(table: Table) -> LabStep:
    step = LabStep(
        id=table.slug("id"),
        say=table.text("say"),
        pattern=_read_pattern(table),
        refs=_read_refs(table),
        any_order=table.text("any_order", ""),
    )
    table.done()
    return step


def _read_ban(table: Table) -> LabBan:
    ban = LabBan(
        id=table.slug("id"),
        say=table.text("say"),
        pattern=_read_pattern(table),
        refs=_read_refs(table),
        before_tls=table.yes("before_tls"),
    )
    table.done()
    return ban


def _read_turn(table: Table) -> WrongTurn:
    turn, say = table.text("turn"), table.text("say")
    pattern = _read_pattern(table) if set(table.values) - {"turn", "say"} else None
    table.done()
    return WrongTurn(turn, say, pattern)


def _read_failing(table: Table) -> FailingSession:
    failing = FailingSession(because=table.text("because"), dialogue=table.block("dialogue"))
    table.done()
    return failing


def _read_checks(table: Table) -> tuple[LabCheck, ...]:
    checks = []
    for inner in table.tables("check", named="check", required=False):
        kinds = [kind for kind in ("reply", "sessions", "body", "tree") if kind in inner.values]
        if len(kinds) != 1:
            inner.report("has one of: reply, sessions, body, tree")
            continue
        check = LabCheck(
            id=kinds[0],
            say=inner.text("say"),
            refs=_read_refs(inner),
            reply=inner.text("reply", ""),
            sessions=inner.number("sessions", 0),
            body=inner.texts("body"),
            tree=inner.text("tree", ""),
        )
        inner.done()
        checks.append(check)
    return tuple(checks)


def _read_pattern(table: Table) -> Pattern:
    """Which kind it is follows from its keys."""
    keys = set(table.values)
    if "event" in keys:
        return EventPattern(
            table.choice("event", OCCURRENCES),  # type: ignore[arg-type]
            port=table.number("port", 0),
            seconds=table.number("seconds", 0),
        )
    if "header" in keys:
        return ContentPattern(header=table.text("header"), value=_expression(table, "value", ""))
    if "content" in keys:
        return ContentPattern(line=_expression(table, "content"))
    if table.yes("end_of_data"):
        return EndPattern(_any_of(table, "reply"))
    if not keys & {"verb", "response", "reply"}:
        table.report("says what is looked for: verb, response, reply, header, content, event …")
    return CommandPattern(
        verbs=tuple(verb.upper() for verb in _any_of(table, "verb")),
        arguments=_any_of(table, "argument"),
        path=table.text("path") if "path" in keys else None,
        parameters=_read_parameters(table),
        bare=table.yes("bare"),
        response=table.text("response") if "response" in keys else None,
        early=table.yes("early"),
        replies=_any_of(table, "reply"),
        enhanced=table.text("enhanced", ""),
        says=table.text("says", ""),
    )


def _read_parameters(table: Table) -> dict[str, tuple[str, ...]]:
    inner = table.table("parameters")
    if inner is None:
        return {}
    read = {key.upper(): _any_of(inner, key) for key in inner.values}
    inner.done()
    return read


def _any_of(table: Table, key: str) -> tuple[str, ...]:
    """One text or a list of texts."""
    if isinstance(table.values.get(key), list):
        return table.texts(key)
    return (table.text(key),) if key in table.values else ()


def _expression(table: Table, key: str, default: str | None = None) -> str:
    text = table.text(key, default)
    try:
        re.compile(text)
    except re.error as error:
        table.report(f"{key} is no regular expression: {error}")
        return ""
    return text


def _read_refs(table: Table) -> tuple[Ref, ...]:
    """`smtp 4.1.1.1`: a document of references.py and a section."""
    refs = []
    for text in _any_of(table, "ref"):
        document, _, section = text.partition(" ")
        if document not in DOCUMENTS or not section:
            table.report(f"ref is {text!r}; it must be a known document and a section")
            continue
        refs.append(Ref(document, section))
    return tuple(refs)


def _read_server(table: Table) -> LabServer:
    inner = table.table("server") or Table({}, table.file, table.problems, f"{table.item}: server")
    server = LabServer(
        profile=_read_profile(inner),
        port=inner.number("port", 25),
        say=inner.texts("say"),
        users=inner.texts("users"),
        fault=inner.choice("fault", tuple(FAULTS), ""),
        programs=inner.yes("programs"),
    )
    inner.done()
    return server


def _read_profile(table: Table) -> Profile:
    """The named profile; a lab without one is played by `modern` with the offer of every day."""
    name = table.choice("profile", tuple(PROFILES), "")
    profile = PROFILES[name] if name in PROFILES else PROFILES["modern"]
    if not name:
        profile = replace(profile, offer=EVERYDAY_OFFER)
    if "offer" in table.values:
        profile = replace(profile, offer=table.texts("offer"))
    if "mechanisms" in table.values:
        profile = replace(profile, mechanisms=table.texts("mechanisms"))
    if "strict_content" in table.values:
        profile = replace(profile, strict_content=table.yes("strict_content"))
    return replace(profile, limits=_read_limits(table, profile.limits))


def _read_limits(table: Table, limits: Limits) -> Limits:
    inner = table.table("limits")
    if inner is None:
        return limits
    known = {field.name for field in fields(Limits)}
    changed = {key: inner.number(key) for key in sorted(set(inner.values) & known)}
    inner.done()
    return replace(limits, **changed)
