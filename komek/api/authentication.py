"""Who asks: a program with a token, or a browser with its session (and then with protection against forged requests)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from komek.accounts import second_factor
from komek.api.models import ApiToken
from komek.api.tokens import token_for


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer kmk_…``. ``request.user`` is the owner, ``request.auth`` the ApiToken."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        kind, _space, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = token_for(text.strip())
        if token is None:
            raise AuthenticationFailed(_("This token is not known, has expired or was revoked. Make a new one."))
        if not token.owner.may_work:
            raise AuthenticationFailed(_("The account this token belongs to is not approved or is closed."))
        if second_factor.is_missing(token.owner):
            raise AuthenticationFailed(_("The account this token belongs to must set up its second factor first."))
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Komek"'


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "kmk_…"}
