"""A stand-in for api.twilio.com on this machine, which keeps messages and checks each call against Twilio's own description.

The description (``data/twilio_messages.json``) is a part of Twilio's OpenAPI description of its API 2010-04-01: what a call may carry,
in which shape. Answers are checked against it as well, so that the SDK meets what Twilio would send.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

ACCOUNT, TOKEN = "AC" + "0" * 32, "the-token"
DESCRIPTION = json.loads((Path(__file__).parent / "data" / "twilio_messages.json").read_text())
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


def fault_of(value: str, schema: dict[str, Any]) -> str:
    """What is wrong with a form's value by its schema; empty when nothing is."""
    if "$ref" in schema:
        schema = DESCRIPTION["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        return "not an integer"
    if schema.get("type") == "boolean" and value not in ("true", "false"):
        return "not true or false"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"does not match {schema['pattern']}"
    if "enum" in schema and value not in schema["enum"]:
        return f"none of {schema['enum']}"
    if schema.get("format") == "uri" and not re.fullmatch(r"https?://[^/\s]+\.[^/\s]+(/\S*)?", value):
        return "not an address that Twilio reaches"
    if schema.get("format") == "phone-number" and not re.fullmatch(r"\+[1-9]\d{6,14}", value):
        return "not a phone number"
    return ""


def check_answer(message: dict[str, Any]) -> None:
    """Fails when what this server answers is not what Twilio's description says."""
    schema = DESCRIPTION["schemas"]["api.v2010.account.message"]["properties"]
    assert set(message) <= set(schema), set(message) - set(schema)
    for name, value in message.items():
        if isinstance(value, str):
            rule = {key: part for key, part in schema[name].items() if key != "format"}
            assert not fault_of(value, rule), (name, value)


@dataclass
class TwilioServer:
    """What arrived, and what to answer instead of a message: (status, code, sentence), or raw text."""

    url: str = ""
    texts: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    refuse_with: tuple[int, int, str] | None = None
    answer_raw: str = ""

    def keep(self, *, sender: str, to: str, body: str, direction: str, status: str) -> dict[str, Any]:
        """A message as Twilio keeps it."""
        now = format_datetime(timezone.now())
        sid = f"SM{len(self.messages) + 1:032d}"
        message = {
            "sid": sid, "account_sid": ACCOUNT, "from": sender or None, "to": to, "body": body, "direction": direction,
            "status": status, "num_media": "0", "num_segments": "1", "date_created": now, "date_sent": now,
            "date_updated": now, "error_code": None, "error_message": None, "price": None, "price_unit": "USD",
            "api_version": "2010-04-01", "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
        }  # fmt: skip
        check_answer(message)
        self.messages.append(message)
        return message


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
            fault = state.refuse_with or self._who_fault() or self._form_fault(form)
            if fault:
                self._refuse(*fault)
                return
            state.texts.append(form)
            message = state.keep(
                sender=form.get("From", ""), to=form["To"], body=form["Body"], direction="outbound-api", status="queued"
            )
            self._answer(201, json.dumps(message))

        def do_GET(self) -> None:
            fault = state.refuse_with or self._who_fault()
            if fault:
                self._refuse(*fault)
                return
            known = {one["name"] for one in DESCRIPTION["paths"][MESSAGES]["get"]["parameters"]}
            query = parse_qs(urlsplit(self.path).query)
            if wrong := set(query) - known:
                state.faults.append(f"unknown in a query: {wrong}")
                self._refuse(400, 20001, f"unknown: {wrong}")
                return
            listing = {
                "messages": state.messages, "page": 0, "page_size": 50, "start": 0, "end": len(state.messages),
                "uri": self.path, "first_page_uri": self.path, "next_page_uri": None, "previous_page_uri": None,
            }  # fmt: skip
            self._answer(200, json.dumps(listing))

        def _who_fault(self) -> tuple[int, int, str] | None:
            expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            if self.headers["Authorization"] != expected:
                return 401, 20003, "Authenticate"
            if urlsplit(self.path).path != MESSAGES.format(AccountSid=ACCOUNT):
                return 404, 20404, "The requested resource was not found"
            return None

        def _form_fault(self, form: dict[str, str]) -> tuple[int, int, str] | None:
            schema = DESCRIPTION["paths"][MESSAGES]["post"]["form"]
            for name in schema.get("required", ()):
                if name not in form:
                    return 400, 21604, f"A '{name}' is required"
            if not re.fullmatch(r"\+[1-9]\d{6,14}", form["To"]):
                return 400, 21211, "Invalid 'To' Phone Number"
            for name, value in form.items():
                wrong = fault_of(value, schema["properties"][name]) if name in schema["properties"] else "not known"
                if wrong:
                    state.faults.append(f"{name}: {wrong}")
                    return 400, 21609 if name == "StatusCallback" else 20001, f"{name}: {wrong}"
            if not 1 <= int(form.get("ValidityPeriod", 1)) <= 36000:
                state.faults.append("ValidityPeriod")
                return 400, 20001, "ValidityPeriod"
            if "Body" not in form or ("From" in form) == ("MessagingServiceSid" in form):
                return 400, 21603, "A 'From' phone number is required"
            return None

        def _refuse(self, status: int, code: int, sentence: str) -> None:
            self._answer(status, json.dumps({"code": code, "message": sentence, "status": status}))

        def _answer(self, status: int, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
