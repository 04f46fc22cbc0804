"""A stand-in for api.twilio.com on this machine. It checks each call as Twilio's description of its API (2010-04-01) does."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ACCOUNT, TOKEN = "AC" + "0" * 32, "the-token"
MAY_BE_GIVEN = {"To", "Body", "From", "MessagingServiceSid", "StatusCallback", "ValidityPeriod"}


@dataclass
class TwilioServer:
    """What arrived, and what to answer instead of a message: (status, code, sentence), or raw text."""

    url: str = ""
    texts: list[dict[str, str]] = field(default_factory=list)
    refuse_with: tuple[int, int, str] | None = None
    answer_raw: str = ""


@contextmanager
def twilio_server() -> Iterator[TwilioServer]:
    state = TwilioServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            form = {
                key: values[0]
                for key, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
            }
            if state.answer_raw:
                self._answer(200, state.answer_raw)
                return
            fault = state.refuse_with or self._fault(form)
            if fault:
                status, code, sentence = fault
                self._answer(status, json.dumps({"code": code, "message": sentence, "status": status}))
                return
            state.texts.append(form)
            sid = f"SM{len(state.texts):032d}"
            message = {"sid": sid, "status": "queued", "to": form["To"], "body": form["Body"], "account_sid": ACCOUNT}
            self._answer(201, json.dumps(message))

        def _fault(self, form: dict[str, str]) -> tuple[int, int, str] | None:
            expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            if self.headers["Authorization"] != expected:
                return 401, 20003, "Authenticate"
            if self.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
                return 404, 20404, "The requested resource was not found"
            if set(form) - MAY_BE_GIVEN or "Body" not in form or ("From" in form) == ("MessagingServiceSid" in form):
                return 400, 21603, "A 'From' phone number is required"
            if not re.fullmatch(r"\+[1-9]\d{6,14}", form.get("To", "")):
                return 400, 21211, "Invalid 'To' Phone Number"
            return None

        def _answer(self, status: int, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
