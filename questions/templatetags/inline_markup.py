"""Inline `code`, the only markup of stems, options and explanations."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
CODE = re.compile(r"`([^`\n]+)`")


@register.filter
def inline(text: str) -> SafeString:
    """Escapes everything; what stands between backticks becomes <code>."""
    parts = CODE.split(text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<code translate="no">{}</code>', part) if place % 2 else part,)
            for place, part in enumerate(parts)
        ),
    )


@register.filter
def plain(text: str) -> str:
    """For titles, where there is no markup: backticks go."""
    return text.replace("`", "")
