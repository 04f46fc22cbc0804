"""Pages of the inbox: texts that wait, a conversation with its answers, ready answers, what went out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, NotAllowed, Standing, may, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.intake import intake
from komek.messaging import inbox
from komek.messaging.gateways import is_gateway_set
from komek.messaging.models import (
    CannedReply,
    Correspondent,
    GatewayPace,
    Inbound,
    InboundState,
    Outbox,
    State,
    WhyInbox,
)
from komek.messaging.segments import cost_of
from komek.messaging.trusting import may_trust, trust, trust_no_more
from komek.records.actor import Actor
from komek.records.middleware import actor_of

A_PAGE = 50
MOST_AT_ONCE = 500
VIEWS = {
    "waiting": gettext_lazy("Waiting"),
    "mine": gettext_lazy("Mine"),
    "handled": gettext_lazy("Seen to"),
    "all": gettext_lazy("All"),
}


def standing_in(request: HttpRequest) -> Standing:
    """What the asker holds; NotAllowed unless it is theirs to read texts."""
    standing = standing_of(request.user, request.operation or None)  # type: ignore[attr-defined]
    if not may(standing, Action.VIEW, Inbound):
        raise NotAllowed(
            _("Texts are read by coordinators and volunteer managers of the operation. Ask one for a role.")
        )
    return standing


def _text(request: HttpRequest, pk: int) -> Inbound:
    rows = visible(Inbound.objects.select_related("user", "claimed_by", "handled_by"), standing_in(request))
    found: Inbound = get_object_or_404(rows, pk=pk)
    return found


def _rows(request: HttpRequest, standing: Standing, view: str) -> QuerySet[Inbound]:
    rows = visible(Inbound.objects.select_related("user", "claimed_by"), standing)
    if view == "waiting":
        trusted = Exists(Correspondent.objects.filter(number=OuterRef("sender"), is_trusted=True))
        first = Case(
            When(why=WhyInbox.DISTRESS, then=Value(0)),
            When(Q(why=WhyInbox.REPORT) & trusted, then=Value(1)),
            When(why=WhyInbox.REPORT, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        rows = rows.filter(state=InboundState.INBOX).order_by(first, "pk")
    elif view == "mine":
        rows = rows.filter(state=InboundState.INBOX, claimed_by=request.user).order_by("pk")
    elif view == "handled":
        rows = rows.filter(state=InboundState.HANDLED).order_by("-pk")
    else:
        rows = rows.order_by("-pk")
    if why := request.GET.get("why", ""):
        rows = rows.filter(why=why)
    if asked := request.GET.get("q", "").strip()[:100]:
        rows = rows.filter(Q(body__icontains=asked) | Q(sender__contains=asked.replace(" ", "")))
    return rows


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Texts that wait: calls for help, then reports, trusted numbers' first; or one's own, those seen to, or all."""
    standing = standing_in(request)
    view = request.GET.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    page = Paginator(_rows(request, standing, view), A_PAGE).get_page(request.GET.get("page"))
    counted = inbox.waiting(standing).aggregate(
        waiting=Count("pk"), mine=Count("pk", filter=Q(claimed_by=request.user.pk))
    )
    by_why = inbox.waiting(standing).values_list("why").annotate(n=Count("pk")).order_by("-n")
    return render(
        request,
        "messaging/inbox.html",
        {
            "page": page,
            "view": view,
            "views": [(key, title, counted.get(key)) for key, title in VIEWS.items()],
            "reasons": [(why, WhyInbox(why).label, n) for why, n in by_why if why],
            "why": request.GET.get("why", ""),
            "search": request.GET.get("q", ""),
            "ready": CannedReply.objects.all(),
            "has_gateway": is_gateway_set(),
        },
    )


@require_POST
@login_required
def bulk(request: HttpRequest) -> HttpResponse:
    """One thing done to many texts."""
    standing = standing_in(request)
    keys = [int(key) for key in request.POST.getlist("text") if key.isascii() and key.isdigit()][:MOST_AT_ONCE]
    texts = list(visible(Inbound.objects.all(), standing).filter(pk__in=keys).order_by("pk"))
    if not texts:
        messages.warning(request, _("Tick the texts first."))
        return redirect("messaging:inbox")
    messages.success(request, _done_to(request, texts))
    return redirect("messaging:inbox")


def _done_to(request: HttpRequest, texts: list[Inbound]) -> str:
    given: dict[str, Any] = {"by": actor_of(request), "operation": request.operation or None, "texts": texts}  # type: ignore[attr-defined]
    what = request.POST.get("what", "")
    if what == "claim":
        mine, theirs = inbox.claim_all(**given)
        return _("Taken: %(mine)d. Somebody else has: %(theirs)d.") % {"mine": mine, "theirs": theirs}
    if what.startswith("ready:") and what.removeprefix("ready:").isdigit():
        ready = get_object_or_404(CannedReply, pk=int(what.removeprefix("ready:")))
        sent, left = inbox.answer_all(**given, ready=ready)
        return _("Answered: %(sent)d. Could not be answered: %(left)d.") % {"sent": sent, "left": left}
    done = inbox.see_to(**given)
    return ngettext("%(n)d text is seen to.", "%(n)d texts are seen to.", done) % {"n": done}


@login_required
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """All that one number and we wrote, with what can be done about the text that was opened."""
    inbound = _text(request, pk)
    if request.method == "POST":
        return _act(request, inbound)
    return _conversation_page(request, inbound)


def _conversation_page(request: HttpRequest, inbound: Inbound, faults: Any = (), status: int = 200) -> HttpResponse:
    standing = standing_in(request)
    viewer = Viewer(user=request.user, operation=standing.operation)
    language = inbox.language_of(inbound)
    words = request.POST.get("words", "")
    ready = [(one, one.in_language(language)) for one in CannedReply.objects.all()]
    if request.GET.get("ready", "").isdigit() and not words:
        words = next((said for one, said in ready if str(one.pk) == request.GET["ready"]), "")
    return render(
        request,
        "messaging/conversation.html",
        {
            "text": inbound,
            "said": inbox.conversation(inbound, standing),
            "lines": inbox.lines_in_words(inbound),
            "known": inbox.known_for(inbound, viewer),
            "may_trust": may_trust(standing),
            "language": language,
            "ready": ready,
            "words": words,
            "segments": cost_of(words).segments if words else 0,
            "intake": [plug for plug in intake if plug.may(viewer)],
            "where": request.POST.get("where", ""),
            "record_words": request.POST.get("record_words", "") or inbound.body,
            "faults": faults,
            "is_mine": inbound.claimed_by_id == request.user.pk,
            "waits": inbound.state == InboundState.INBOX,
        },
        status=status,
    )


def _act(request: HttpRequest, inbound: Inbound) -> HttpResponse:
    by, operation = actor_of(request), request.operation or None  # type: ignore[attr-defined]
    try:
        address = _acted(request.POST, by, operation, inbound)
    except ValidationError as refusal:
        return _conversation_page(request, inbound, refusal.messages, status=422)
    messages.success(request, _("Done."))
    return redirect(address) if address else redirect("messaging:conversation", inbound.pk)


def _acted(data: Any, by: Actor, operation: Any, inbound: Inbound) -> str:
    """Do what a button says. Returns the address to go to, empty for this page."""
    given: dict[str, Any] = {"by": by, "operation": operation, "inbound": inbound}
    what = data.get("what", "")
    if what == "claim":
        inbox.claim(**given)
    elif what == "release":
        inbox.release(**given)
    elif what == "answer":
        inbox.answer(**given, words=data.get("words", ""), is_done="keep" not in data, key=data.get("key", "")[:60])
    elif what == "done":
        inbox.see_to(by=by, operation=operation, texts=[inbound])
    elif what == "trust":
        trust(**given)
    elif what == "no-trust":
        trust_no_more(**given)
    elif what.startswith("into:"):
        plug = intake.get(what.removeprefix("into:"))
        if plug is None:
            raise ValidationError(_("This kind of record is not used here any more."))
        made = inbox.turn_into(
            **given,
            plug=plug,
            where=data.get("where", "")[:300],
            kind=data.get("kind", ""),
            words=data.get("record_words", ""),
        )
        return made.url
    return ""


@require_GET
@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """What went out and what waits, without codes."""
    standing = standing_in(request)
    rows = visible(Outbox.objects.all(), standing).filter(is_secret=False)
    counts = rows.values_list("state").annotate(n=Count("pk")).order_by()
    state = request.GET.get("state", "")
    if state in State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows.order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    for text in page:
        text.became = inbox.state_of(text)
    known = dict(counts)
    states = [(one.value, one.label, known.get(one.value, 0)) for one in State]
    context = {"page": page, "state": state, "states": states, "has_gateway": is_gateway_set()}
    context["gateways"] = GatewayPace.objects.order_by("gateway") if not standing.is_confined else ()
    return render(request, "messaging/outbox.html", context)
