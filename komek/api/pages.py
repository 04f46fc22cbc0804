"""Pages on which people make and revoke their access tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from komek.accounts.authority import NotAllowed
from komek.api.forms import TokenForm
from komek.api.models import ApiToken
from komek.api.tokens import issue_token, revoke_token
from komek.records.middleware import actor_of


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The account's tokens, and the form for a new one. A new token's text is on the answer to the form and nowhere else."""
    form = TokenForm(request.POST or None)
    text = ""
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            _token, text = issue_token(
                by=actor_of(request),
                name=chosen["name"],
                scopes=chosen["scopes"],
                operation=chosen["operation"],
                expires_at=form.expires_at(),
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            form = TokenForm()
    own = ApiToken.objects.filter(owner=request.user.pk).select_related("operation")
    return render(request, "api/tokens.html", {"form": form, "tokens": own, "text": text})


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, owner=request.user.pk)
    revoke_token(token, by=actor_of(request))
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("account-tokens")
