"""Accounts as those who run the site see them: who may write, whose account is closed."""

from django.contrib import admin
from django.http import HttpRequest

from .models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People sign up by themselves and choose their own address and password."""

    list_display = ["email", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email"]
    ordering = ["email"]
    fields = ["email", "is_staff", "is_superuser", "groups", "is_active", "date_joined"]
    readonly_fields = ["email", "is_superuser", "date_joined"]
    filter_horizontal = ["groups"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
