"""The pages that belong to no registry: home, search, saved views, drafts, colours."""

from __future__ import annotations

import secrets
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import visible
from komek.extensions.alerts import alerts
from komek.extensions.lookups import lookups
from komek.extensions.search import Hit, search
from komek.extensions.situation import situation
from komek.operations.models import Operation
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing, viewer_of
from komek.web.models import Draft, Pace, SavedView, Subscription
from komek.web.subscriptions import list_page_at

SEARCH_LIMIT = 20
# Alerts on the desk: so many at once, and so many behind a fold.
FIRST_SEEN, MOST_SEEN = 8, 60
DRAFT_MAX_CHARACTERS = 200_000


def next_address(request: HttpRequest, default: str = "/") -> str:
    """Where to go after a small form, never to another host."""
    asked = request.POST.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}) else default


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The coordinator's desk for people who work here; what this is for everybody else."""
    if not request.user.is_authenticated:
        return render(request, "web/welcome.html")
    viewer = viewer_of(request)
    urgent = sorted((alert for plug in alerts for alert in plug.alerts(viewer, 20)), key=lambda alert: -alert.urgency)
    figures = [figure for plug in situation for figure in plug.figures(viewer, timezone.localdate())]
    context = {
        "alerts": urgent[:FIRST_SEEN],
        "more_alerts": urgent[FIRST_SEEN:MOST_SEEN],
        "figures": figures,
        "is_empty": not any(figure.value for figure in figures),
    }
    return render(request, "web/desk.html", context)


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """The search box of every page: a code leads straight to its record, a text to hits from every registry."""
    text = request.GET.get("q", "").strip()[:200]
    found: list[Hit] = []
    mistyped = ""
    if text:
        viewer = viewer_of(request)
        found = sorted(
            (hit for plug in search for hit in plug.find(text, viewer, SEARCH_LIMIT)), key=lambda hit: -hit.score
        )
        try:
            code = parse_code(text)
        except MistypedCode as fault:
            mistyped = str(fault) if _is_shaped_like_code(text) else ""
        else:
            exact = [hit for hit in found if hit.code == code]
            if len(exact) == 1:
                return redirect(exact[0].url)
    groups: dict[str, list[Hit]] = {}
    for hit in found[: 5 * SEARCH_LIMIT]:
        groups.setdefault(str(hit.kind), []).append(hit)
    return render(request, "web/search.html", {"search_text": text, "groups": groups, "mistyped": mistyped})


def _is_shaped_like_code(text: str) -> bool:
    folded = "".join(text.split())
    return 4 <= len(folded) <= 12 and folded[0].isalpha() and folded[1:].replace("-", "").isdigit()


@require_GET
def lookup(request: HttpRequest, key: str) -> JsonResponse:
    """Suggestions for a combobox: ``{"choices": [{"value", "label", "detail"}]}``, twelve at most.

    ``operation``: look in this one instead of where the person works; ``-`` for none.
    """
    plug = lookups.get(key)
    if plug is None or not request.user.is_authenticated:
        return JsonResponse({"choices": []}, status=404 if plug is None else 403)
    viewer = viewer_of(request)
    if asked := request.GET.get("operation"):
        seen = visible(Operation.objects.all(), standing(request))
        viewer = replace(viewer, operation=seen.filter(slug=asked[:60]).first())
    found = plug.find(request.GET.get("q", "").strip()[:100], viewer, 12)
    return JsonResponse(
        {"choices": [{"value": c.value, "label": str(c.label), "detail": str(c.detail)} for c in found]}
    )


@require_POST
@login_required
def draft(request: HttpRequest) -> HttpResponse:
    """Keep or throw away what somebody typed into a form."""
    key = request.POST.get("_form_key", "")[:200]
    if not key:
        return HttpResponse(status=400)
    if request.POST.get("_discard"):
        Draft.objects.filter(user_id=request.user.pk, form_key=key).delete()
        return HttpResponseRedirect(key if key.startswith("/") and not key.startswith("//") else "/")
    data = {
        name: values
        for name, values in request.POST.lists()
        if not name.startswith("_") and name != "csrfmiddlewaretoken" and "password" not in name
    }
    if sum(len(value) for values in data.values() for value in values) > DRAFT_MAX_CHARACTERS:
        return HttpResponse(status=413)
    Draft.objects.update_or_create(
        user_id=request.user.pk, form_key=key, defaults={"data": data, "updated_at": timezone.now()}
    )
    return HttpResponse(status=204)


@require_POST
@login_required
def save_view(request: HttpRequest) -> HttpResponse:
    """Save a list as it is now, and perhaps subscribe to what changes in it."""
    name = request.POST.get("name", "").strip()[:100]
    path, query = request.POST.get("path", "")[:200], request.POST.get("query", "")[:2000]
    page_class = list_page_at(path)
    if page_class is None:
        messages.error(request, _("Only lists can be saved as a view."))
        return redirect("home")
    if not name:
        messages.error(request, _("Give the view a name."))
        return HttpResponseRedirect(f"{path}?{query}" if query else path)
    view, _created = SavedView.objects.update_or_create(
        owner=request.user,
        operation=request.operation or None,  # type: ignore[attr-defined]
        list_key=page_class.key,
        name=name,
        defaults={"path": path, "query": query, "is_shared": "is_shared" in request.POST},
    )
    pace = request.POST.get("pace", "")
    if pace in Pace.values:
        Subscription.objects.update_or_create(
            view=view, defaults={"pace": pace, "told_until": timezone.now(), "key": secrets.token_urlsafe(24)}
        )
    else:
        Subscription.objects.filter(view=view).delete()
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": name})
    return HttpResponseRedirect(view.get_absolute_url())


@login_required
def saved_views(request: HttpRequest) -> HttpResponse:
    """A person's saved views and what they are told of."""
    if request.method == "POST":
        view = get_object_or_404(SavedView, pk=request.POST.get("view") or 0, owner=request.user)
        if "remove" in request.POST:
            view.delete()
            messages.success(request, _("The view is removed."))
        elif request.POST.get("pace") in Pace.values:
            Subscription.objects.update_or_create(
                view=view,
                defaults={"pace": request.POST["pace"]},
                create_defaults={"pace": request.POST["pace"], "key": secrets.token_urlsafe(24)},
            )
            messages.success(request, _("You will be told by e-mail what changes."))
        else:
            Subscription.objects.filter(view=view).delete()
            messages.success(request, _("You will not be told any more."))
        return redirect("saved_views")
    views = SavedView.objects.filter(owner=request.user).select_related("subscription", "operation")
    return render(request, "web/saved_views.html", {"views": views, "paces": Pace.choices})


def unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    """The link at the end of every digest: one press, no sign-in."""
    subscription = Subscription.objects.filter(key=key).select_related("view").first()
    if request.method == "POST" and subscription:
        subscription.delete()
        return render(request, "web/unsubscribed.html", {"is_done": True})
    return render(request, "web/unsubscribed.html", {"subscription": subscription})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark colours, remembered in a cookie."""
    response = HttpResponseRedirect(next_address(request))
    chosen = request.POST.get("theme")
    if chosen in ("light", "dark"):
        response.set_cookie("theme", chosen, max_age=365 * 86400, samesite="Lax", httponly=True)
    return response


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "web/about.html")


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "web/privacy.html")
