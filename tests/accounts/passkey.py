"""A passkey made of software: what a browser and a security key answer to the server's challenges (W3C WebAuthn level 2)."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40
SCRIPT_ORIGIN = "https://testserver"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Passkey:
    """One credential, bound to a site by its first use."""

    def __init__(self, origin: str = SCRIPT_ORIGIN) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(16)
        self.user_handle = b""
        self.uses = 0

    def register(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.create`` as JSON text."""
        asked = options["publicKey"]
        self.site, self.user_handle = asked["rp"]["id"], _raw(asked["user"]["id"])
        client_data = self._client_data("webauthn.create", asked["challenge"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        credential = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(HAS_CREDENTIAL) + credential}
        answer = {"attestationObject": _text(cbor.encode(attestation)), "clientDataJSON": _text(client_data)}
        return self._json(answer, {"credProps": {"rk": True}})

    def sign(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.get`` as JSON text."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._json(
            {
                "authenticatorData": _text(data),
                "clientDataJSON": _text(client_data),
                "signature": _text(signature),
                "userHandle": _text(self.user_handle),
            },
            {},
        )

    def _data(self, flags: int) -> bytes:
        self.uses += 1
        site = hashlib.sha256(self.site.encode()).digest()
        return site + struct.pack(">BI", USER_PRESENT | USER_VERIFIED | flags, self.uses)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _json(self, answer: dict[str, str], extensions: dict[str, Any]) -> str:
        name = _text(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "response": answer,
                "clientExtensionResults": extensions,
            }
        )


def _raw(text: str) -> bytes:
    from fido2.utils import websafe_decode

    return websafe_decode(text)
