"""Pages for everybody: what is needed, as a page and as feeds, and appeals with their progress."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import feedgenerator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from aid_requests.models import Appeal
from aid_requests.released import lines_of, practised, progress_of, public_needs
from komek.accounts.authority import Action, may
from komek.supplies.models import plain
from komek.web.context import standing
from komek.web.paging import ListPaginator, OrderedKeys

PAGE = 50
MOST = 1_000
"""So many needs can be paged through; whoever looks for more searches for what they could give."""

IN_FEED = 200


@require_GET
def public_needs_page(http: HttpRequest) -> HttpResponse:
    """What is still needed, as far as the requesters released it."""
    text = http.GET.get("q", "").strip()[:100]
    exercise = practised(http.operation)  # type: ignore[attr-defined]
    rows = public_needs(text, exercise)
    page = ListPaginator(OrderedKeys(rows, [rows]), PAGE, MOST).get_page(http.GET.get("page"))
    page.object_list = list(rows.filter(pk__in=page.object_list))
    context = {"page": page, "text": text, "appeals": published(exercise)}
    return render(http, "aid_requests/public_needs.html", context)


@require_GET
@cache_control(public=True, max_age=60)
def needs_json(http: HttpRequest) -> JsonResponse:
    """The same as data: at most 200 needs, the most pressing first."""
    rows = [
        {
            "id": line.pk, "what": str(line), "item": line.item.code if line.item else None, "kind": line.kind,
            "asked": plain(line.quantity), "received": plain(line.received), "promised": plain(line.promised),
            "needed": plain(line.needed), "unit": line.unit, "priority": line.priority,
            "area": line.request.area.pcode if line.request.area else None,
            "needed_by": line.wanted_by.isoformat() if line.wanted_by else None,
        }
        for line in public_needs()[:IN_FEED]
    ]  # fmt: skip
    return JsonResponse({"needs": rows})


@require_GET
@cache_control(public=True, max_age=60)
def needs_feed(http: HttpRequest) -> HttpResponse:
    """The same as an Atom feed, for readers and other sites."""
    address = settings.PUBLIC_URL + reverse("requests:public_needs")
    feed = feedgenerator.Atom1Feed(
        title=_("What is needed"), link=address, description=_("Open needs that may be shown to everybody"),
        language=get_language(), feed_url=settings.PUBLIC_URL + reverse("requests:needs_feed"),
        author_name="Komek",  # RFC 4287, 4.1.1: a feed or each of its entries names an author
    )  # fmt: skip
    for place, line in enumerate(public_needs()[:IN_FEED]):
        name = f"{address}#need-{line.pk}"
        title = _("%(needed)s %(unit)s %(what)s") % {"needed": plain(line.needed), "unit": line.unit, "what": line}
        where = str(line.request.area or "")
        feed.add_item(
            title=" ".join(title.split()), unique_id=name,
            link=name if place < PAGE else f"{address}?page={place // PAGE + 1}#need-{line.pk}",
            description=", ".join(filter(None, (line.get_priority_display(), where))), pubdate=line.request.occurred_at,
            updateddate=line.updated_at,
        )  # fmt: skip
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_GET
def appeal_page(http: HttpRequest, slug: str) -> HttpResponse:
    """One appeal; before it is published, and of an exercise, only for people who work in its operation."""
    appeal = Appeal.objects.select_related("organisation", "operation").filter(slug=slug).first()
    works_here = http.user.is_authenticated and http.user.may_work
    if appeal is None:
        raise Http404
    exercise = practised(http.operation)  # type: ignore[attr-defined]
    is_shown = is_public(appeal, exercise)
    if not is_shown and not (works_here and appeal.operation_id == getattr(http.operation or None, "pk", None)):  # type: ignore[attr-defined]
        raise Http404
    lines = lines_of(appeal)
    title, text = words_of(appeal)
    context: dict[str, Any] = {
        "appeal": appeal, "appeal_title": title, "text": text, "lines": lines, "progress": progress_of(lines),
        "works_here": works_here, "is_public": is_shown,
        "may_change": works_here and may(standing(http), Action.CHANGE, appeal),
    }  # fmt: skip
    return render(http, "aid_requests/appeal.html", context)


def published(exercise: Any = None) -> list[Appeal]:
    """Appeals that the public sees, or those who take part in the exercise, the newest first; named in the reader's language."""
    rows = Appeal.objects.exclude(published_at=None).filter(closed_at=None, operation__ended_at=None)
    rows = rows.filter(operation__is_exercise=False) if exercise is None else rows.filter(operation=exercise)
    found = [one for one in rows.select_related("operation")[:20] if is_public(one, exercise)]
    for one in found:
        one.shown_title = words_of(one)[0]  # type: ignore[attr-defined]
    return found


def is_public(appeal: Appeal, exercise: Any = None) -> bool:
    """Whether the public sees it, or those who take part in this exercise."""
    operation = appeal.operation
    if not appeal.is_public or operation is None or operation.ended_at is not None:
        return False
    return not operation.is_exercise or operation == exercise


def words_of(appeal: Appeal) -> tuple[str, str]:
    """Title and text in the reader's language where they were written in it."""
    own = appeal.texts.get(get_language() or "", {})
    return own.get("title") or appeal.title, own.get("text") or appeal.text
