"""HTTP addresses of all doors."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from sahur.api import flower, frontend, webhooks
from sahur.api.throttles import throttled_login

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("sahur.api.urls")),
    path("internal/", include("sahur.api.internal.urls")),
    path("webhooks/git/<uuid:repository_id>/", webhooks.PushView.as_view()),
    path("admin/login/", throttled_login(admin.site.login)),
    path("admin/", admin.site.urls),
    re_path(r"^flower/(?P<rest>.*)$", flower.proxy),
    path("", include("sahur.slack.urls")),
    # Last: the pages themselves are files (frontend.StaticFilesMiddleware); this tells why one is not there.
    re_path(r"^.*$", frontend.missing_page),
]
handler400 = "sahur.api.errors.bad_request"
handler404 = "sahur.api.errors.page_not_found"
handler500 = "sahur.api.errors.server_error"
