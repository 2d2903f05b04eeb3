"""A form's control as the fragment `_field.html` sets it."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """Without a placeholder: the label says it, and stays there while one types."""
    return field.as_widget(attrs={"placeholder": False})
