"""Every address of the site. URL name = view name."""

from django.contrib import admin
from django.urls import include, path

from accounts import views as accounts
from attempts import bookmarking, examining, reporting, rooms, searching, timekeeping
from attempts import views as attempts
from attempts.practice import views as practice
from attempts.results import reviewing
from attempts.sitting import saving, submitting
from notes import views as notes
from progress import views as progress
from questions import views as questions
from sandbox import annotate, console, keeping, presenting
from sandbox import views as sandbox
from sandbox.labs import views as labs

from . import errors, operations

urlpatterns = [
    path("", attempts.first_question, name="first_question"),
    path("practice/", practice.practice, name="practice"),
    path("exams/", rooms.exams, name="exams"),
    path("exams/<slug:slug>/", rooms.exam, name="exam"),
    path("attempts/<uuid:uuid>/", attempts.attempt, name="attempt"),
    path("attempts/<uuid:uuid>/<int:position>/", attempts.slot, name="slot"),
    path("attempts/<uuid:uuid>/<int:position>/answer/", saving.slot_answer, name="slot_answer"),
    path("attempts/<uuid:uuid>/<int:position>/look/", saving.slot_look, name="slot_look"),
    path("attempts/<uuid:uuid>/<int:position>/flag/", saving.slot_flag, name="slot_flag"),
    path("attempts/<uuid:uuid>/<int:position>/lab/", examining.slot_lab, name="slot_lab"),
    path("attempts/<uuid:uuid>/sheet/", saving.attempt_sheet, name="attempt_sheet"),
    path("attempts/<uuid:uuid>/overview/", submitting.attempt_overview, name="attempt_overview"),
    path("attempts/<uuid:uuid>/section/", submitting.attempt_section, name="attempt_section"),
    path(
        "attempts/<uuid:uuid>/submission/",
        submitting.attempt_submission,
        name="attempt_submission",
    ),
    path("attempts/<uuid:uuid>/result/", attempts.result, name="result"),
    path(
        "attempts/<uuid:uuid>/<int:position>/bookmark/",
        bookmarking.slot_bookmark,
        name="slot_bookmark",
    ),
    path("attempts/<uuid:uuid>/<int:position>/report/", reporting.slot_report, name="slot_report"),
    path("bookmarks/", bookmarking.bookmarks, name="bookmarks"),
    path("reports/", reporting.reports, name="reports"),
    path("attempts/<uuid:uuid>/questions/", reviewing.attempt_questions, name="attempt_questions"),
    path("search/", searching.search, name="search"),
    path("notes/", notes.notes, name="notes"),
    path("notes/<slug:slug>/", notes.note, name="note"),
    path("questions/<slug:slug>/proof/", questions.proof, name="proof"),
    path(
        "questions/revisions/<int:pk>/",
        admin.site.admin_view(questions.revision_preview),
        name="revision_preview",
    ),
    path("sandbox/", sandbox.sandbox, name="sandbox"),
    path("sandbox/sessions/", sandbox.sandbox_sessions, name="sandbox_sessions"),
    path("sandbox/sessions/<uuid:uuid>/", sandbox.sandbox_session, name="sandbox_session"),
    path("sandbox/sessions/<uuid:uuid>/lines/", console.sandbox_lines, name="sandbox_lines"),
    path("sandbox/sessions/<uuid:uuid>/clock/", console.sandbox_clock, name="sandbox_clock"),
    path("sandbox/sessions/<uuid:uuid>/keeping/", keeping.sandbox_keeping, name="sandbox_keeping"),
    path("sandbox/sessions/<uuid:uuid>/sharing/", keeping.sandbox_sharing, name="sandbox_sharing"),
    path(
        "sandbox/sessions/<uuid:uuid>/deletion/",
        keeping.sandbox_deletion,
        name="sandbox_deletion",
    ),
    path(
        "sandbox/sessions/<uuid:uuid>/transcript.txt",
        keeping.sandbox_transcript,
        name="sandbox_transcript",
    ),
    path("sandbox/sessions/<uuid:uuid>/rows.json", keeping.sandbox_rows, name="sandbox_rows"),
    path("sandbox/token/", sandbox.sandbox_token, name="sandbox_token"),
    path("sandbox/shared/<uuid:key>/", sandbox.sandbox_shared, name="sandbox_shared"),
    path("sandbox/annotate/", annotate.annotate, name="annotate"),
    path("labs/", labs.labs, name="labs"),
    path("labs/<slug:slug>/", labs.lab, name="lab"),
    path("labs/<slug:slug>/runs/", labs.lab_runs, name="lab_runs"),
    path("labs/<slug:slug>/sessions/", labs.lab_sessions, name="lab_sessions"),
    path("labs/<slug:slug>/clock/", labs.lab_clock, name="lab_clock"),
    path("labs/<slug:slug>/hints/", labs.lab_hints, name="lab_hints"),
    path("sandbox/watch/", presenting.watch, name="watch"),
    path("sandbox/watch/<slug:slug>/", presenting.watched, name="watched"),
    path("progress/", progress.progress, name="progress"),
    path("settings/", accounts.settings, name="settings"),
    path("settings/time/", timekeeping.settings_time, name="settings_time"),
    path("settings/data/", accounts.data, name="data"),
    path("settings/deletion/", accounts.deletion, name="deletion"),
    path("keys/", accounts.keys, name="keys"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("csp-report", operations.csp_report, name="csp_report"),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
