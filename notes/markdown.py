"""Markdown as notes use it: CommonMark without HTML, links to notes and RFCs, safe output.

Pure. Dialogues in ```smtp fences are handed to the caller, who has the engine.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from sandbox.smtp.references import rfc_url

ANCHOR_PREFIX = "n-"
RFC_IN_TEXT = re.compile(
    r"\bRFC ?(?P<rfc>\d{1,5})"
    r"(?:,? (?:section |appendix |§ ?)(?P<section>(?:\d+|[A-Z]\b)(?:\.\d+)*))?"
)
RAW_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")
TAGS = {
    *(
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
    ),
    *("h4", "hr", "i", "img", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    **{
        tag: {"class"}
        for tag in ("b", "code", "div", "p", "pre", "section", "span", "sup", "td", "ul")
    },
    "a": {"class", "href", "id", "title", "aria-label"},
    "abbr": {"class", "title"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "img": {"src", "alt", "width", "height"},
    "li": {"class", "id"},
    "ol": {"class", "aria-label"},
    "pre": {"class", "tabindex"},
    "th": {"class", "scope"},
}
ATTRIBUTES["div"] |= {"tabindex", "role", "aria-label"}
ATTRIBUTES["code"] |= {"translate"}
ATTRIBUTES["span"] |= {"translate"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another note; `anchor` is empty for the whole page."""

    slug: str
    anchor: str = ""

    def __str__(self) -> str:
        return f"{self.slug}#{self.anchor}" if self.anchor else self.slug


@dataclass(frozen=True, slots=True)
class Fence:
    """A dialogue in the text: `info` is the words behind ```, `line` counts from 1."""

    info: str
    text: str
    line: int


@dataclass(slots=True)
class Page:
    html: str = ""
    anchors: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    rfcs: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def slugify_heading(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def to_html(
    text: str,
    *,
    slug: str,
    titles: Mapping[str, str],
    set_dialogue: Callable[[Fence], str],
) -> Page:
    """Sets one note. `titles` names the notes that exist; `set_dialogue` gives the HTML of a
    dialogue. Everything wrong is in `problems`, none of it stops the rendering."""
    page = Page()
    md = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    md.use(anchors_plugin, max_level=4, slug_func=lambda t: ANCHOR_PREFIX + slugify_heading(t))
    md.use(footnote_plugin).use(deflist_plugin)
    md.inline.ruler.before("link", "wikilink", _wikilink)
    md.core.ruler.after("inline", "rfc_links", _link_rfcs)
    md.add_render_rule("fence", _fence_rule(set_dialogue))
    md.add_render_rule("code_block", _code_rule)
    md.add_render_rule("table_open", _table_open)
    md.add_render_rule("table_close", lambda *_: "</table></div>\n")
    env = {"docId": slug}
    tokens = md.parse(text, env)
    _read_tokens(tokens, page, titles)
    html = md.renderer.render(tokens, md.options, env)
    page.html = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return page


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "id" and not value.startswith((ANCHOR_PREFIX, "fn-", "fnref-", "fn", "fnref")):
        return None
    return value


def _wikilink(state: StateInline, silent: bool) -> bool:
    """[[slug]], [[slug#anchor]], [[slug#anchor|text]]"""
    match = re.compile(r"\[\[([a-z0-9-]+)(?:#([a-z0-9-]+))?(?:\|([^\]\n]+))?\]\]").match(
        state.src, state.pos
    )
    if not match:
        return False
    if not silent:
        slug, anchor, text = match.groups()
        href = f"/notes/{slug}/" + (f"#{ANCHOR_PREFIX}{anchor}" if anchor else "")
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": href}
        token.meta = {"note": Link(slug, anchor or "")}
        state.push("text", "", 0).content = text or ""
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _link_rfcs(state: StateCore) -> None:
    """ "RFC 5321 section 4.1.1" becomes a link, outside links and code."""
    for block in state.tokens:
        if block.type != "inline" or not block.children:
            continue
        depth, children = 0, []
        for token in block.children:
            depth += (token.type == "link_open") - (token.type == "link_close")
            if token.type == "text" and depth == 0:
                children += _split_at_rfcs(token)
            else:
                children.append(token)
        block.children = children


def _split_at_rfcs(token: Token) -> list[Token]:
    parts: list[Token] = []
    end = 0
    for match in RFC_IN_TEXT.finditer(token.content):
        section = match["section"]
        opening = Token(
            "link_open", "a", 1, attrs={"href": rfc_url(int(match["rfc"]), section or "")}
        )
        opening.meta = {"rfc": int(match["rfc"])}
        parts += [_text(token.content[end : match.start()]), opening, _text(match[0])]
        parts.append(Token("link_close", "a", -1))
        end = match.end()
    return [*parts, _text(token.content[end:])] if parts else [token]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _read_tokens(tokens: list[Token], page: Page, titles: Mapping[str, str]) -> None:
    for token in tokens:
        if token.type == "heading_open":
            _read_heading(token, page)
        for child in token.children or []:
            _read_inline(child, page)
        if token.type == "inline":
            _name_links(token.children or [], titles)
    page.problems += [
        f"heading anchor “{anchor}” stands twice"
        for anchor in sorted({a for a in page.anchors if page.anchors.count(a) > 1})
    ]


def _read_heading(token: Token, page: Page) -> None:
    if token.tag == "h1":
        page.problems.append(f"line {_line(token)}: headings start at ##; the page has the title")
    page.anchors.append(str(token.attrs.get("id", "")).removeprefix(ANCHOR_PREFIX))


def _read_inline(token: Token, page: Page) -> None:
    if token.type == "link_open" and "note" in token.meta:
        page.links.append(token.meta["note"])
    elif token.type == "link_open" and "rfc" in token.meta:
        page.rfcs.append(token.meta["rfc"])
    elif token.type == "text" and (raw := RAW_HTML.search(token.content)):
        page.problems.append(f"raw HTML is not allowed: {raw[0]}")
    elif token.type == "image":
        if not token.content:
            page.problems.append("an image has no text in its place")
        if not str(token.attrs.get("src", "")).startswith("/static/"):
            page.problems.append(f"image from elsewhere: {token.attrs.get('src')}")


def _name_links(children: list[Token], titles: Mapping[str, str]) -> None:
    """A wikilink without a text of its own takes the title of its note."""
    for opening, text in zip(children, children[1:], strict=False):
        if opening.type == "link_open" and "note" in opening.meta and not text.content:
            text.content = titles.get(opening.meta["note"].slug, opening.meta["note"].slug)


def _line(token: Token) -> int:
    return (token.map[0] if token.map else 0) + 1


def _fence_rule(set_dialogue: Callable[[Fence], str]) -> Callable[..., str]:
    def fence(
        renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
    ) -> str:
        token = tokens[index]
        if token.info.split(" ")[0] in ("smtp", "pop3", "imap"):
            return set_dialogue(Fence(token.info.strip(), token.content, _line(token)))
        return _pre(token.content)

    return fence


def _code_rule(
    renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
) -> str:
    return _pre(tokens[index].content)


def _pre(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<pre class="wire block" tabindex="0"><code translate="no">{escaped}</code></pre>\n'


def _table_open(
    renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
) -> str:
    """Wide tables scroll in a box of their own, numbered, since landmarks need names that differ;
    alignment goes by class, not by style."""
    for token in tokens[index:]:
        if token.type == "table_close":
            break
        if token.type == "th_open":
            token.attrs["scope"] = "col"
        align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
        if align:
            token.attrs["class"] = f"align-{align}"
    number = sum(token.type == "table_open" for token in tokens[: index + 1])
    return f'<div class="scroll" tabindex="0" role="region" aria-label="Table {number}"><table>\n'
