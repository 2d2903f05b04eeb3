"""Pages for machines: is the process up, is it ready, what did browsers refuse."""

import json
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from notes.models import Note
from questions.models import Question
from sandbox.listening.listener import is_listening

log = structlog.get_logger(__name__)
CSP_REPORT_OCTETS = 16_384
CSP_REPORTS_PER_MINUTE = 60


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    try:
        connection.ensure_connection()
        checks = {
            "database": True,
            "content": Question.objects.live().exists() and Note.objects.exists(),
        }
    except DatabaseError:
        checks = {"database": False, "content": False}
    checks["sandbox"] = is_listening() or not settings.SANDBOX_OPEN
    ready = all(checks.values())
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


PROBES = {"/healthz": healthz, "/readyz": readyz}


class ProbesMiddleware:
    """Answers probes before anything looks at the host name: they come by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, self.get_response)(request)


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Logs directive and path of a policy violation; nothing else of it is kept."""
    cache.add("csp-reports", 0, timeout=60)
    if cache.incr("csp-reports") > CSP_REPORTS_PER_MINUTE:
        return HttpResponse(status=429)
    if int(request.headers.get("Content-Length") or 0) > CSP_REPORT_OCTETS:
        return HttpResponse(status=413)
    try:
        report = json.loads(request.body)["csp-report"]
        directive, path = str(report["violated-directive"])[:80], str(report["document-uri"])[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return HttpResponse(status=400)
    log.warning("csp_violation", directive=directive, page=path.split("?")[0])
    return HttpResponse(status=204)
