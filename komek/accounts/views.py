"""A person's own account, and decisions about the accounts of others."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.approvals import approve_account, let_account_work, refuse_account, stop_account
from komek.accounts.authority import Standing, standing_of, visible
from komek.accounts.erasing import erase_account, own_data
from komek.accounts.forms import ProfileForm
from komek.accounts.models import User
from komek.accounts.phones import forget_phone
from komek.accounts.roles import Role
from komek.accounts.second_factor import has_second_factor, roles_that_need_it
from komek.extensions.grants import grants
from komek.extensions.texts import can_send_texts
from komek.records.middleware import actor_of


def _standing(request: HttpRequest) -> Standing:
    return standing_of(request.user, getattr(request, "operation", None) or None)


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here, what I may do, and everything about signing in."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        response = redirect("account")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], max_age=365 * 86400)
        return response
    held = [grant for plug in grants for grant in plug.grants(request.user)]
    roles = sorted({str(Role(grant.role).label) for grant in held if grant.may_write})
    context = {"form": form, "roles": roles, "texts_can_be_sent": can_send_texts()}
    return render(request, "accounts/account.html", context)


@require_GET
@login_required
def data(request: HttpRequest) -> HttpResponse:
    """Everything held about the person who asks, as JSON."""
    response = JsonResponse(own_data(request.user), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="komek-my-data.json"'
    return response


@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    """After asking for an account; the same page whether the address was known or not."""
    return render(request, "accounts/asked.html")


@require_GET
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Why a second factor is needed, and the two ways to set one up."""
    needed = sorted(str(Role(role).label) for role in roles_that_need_it(request.user))
    unconfirmed = None
    if not settings.MFA_ALLOW_UNVERIFIED_EMAIL:
        unconfirmed = EmailAddress.objects.filter(user_id=request.user.pk, verified=False).first()
    context = {"roles": needed, "is_set_up": has_second_factor(request.user), "unconfirmed": unconfirmed}
    return render(request, "accounts/second_factor.html", context)


@require_POST
@login_required
def drop_phone(request: HttpRequest) -> HttpResponse:
    """Take the phone number off one's account."""
    try:
        forget_phone(by=actor_of(request), user=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("The number is gone."))
    return redirect("account")


@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Delete one's own account: real, and recorded without what it held."""
    if request.method == "POST":
        typed = request.POST.get("confirm", "").strip()
        if not typed or typed != (request.user.email or str(request.user.phone)):
            messages.error(request, _("Type exactly what is asked for, to confirm. Nothing was deleted."))
            return redirect("account_delete")
        user = request.user
        erase_account(by=actor_of(request), user=user, reason="asked for by the person")
        logout(request)
        return redirect("home")
    return render(request, "accounts/delete.html")


@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, refuse, stop, or let work again."""
    standing, by = _standing(request), actor_of(request)
    user = get_object_or_404(visible(User.objects.all(), standing), pk=pk)
    asked, reason = request.POST.get("decision"), request.POST.get("reason", "")
    try:
        if asked == "approve":
            approve_account(by=by, standing=standing, user=user)
        elif asked == "refuse":
            refuse_account(by=by, standing=standing, user=user, reason=reason)
        elif asked == "stop":
            stop_account(by=by, standing=standing, user=user, reason=reason)
        elif asked == "let_work":
            let_account_work(by=by, standing=standing, user=user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Done: %(name)s.") % {"name": user})
    back = request.POST.get("next", "")
    return redirect(
        back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "accounts_waiting"
    )


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Too many wrong passwords."""
    return render(request, "accounts/locked.html", status=429)
