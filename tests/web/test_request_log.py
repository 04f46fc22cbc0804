"""Every request answered leaves one line that can be traced, and no line tells a secret, a phone number or what was searched."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client

from tests.conftest import Cast


def lines(caplog: Any) -> list[Any]:
    return [record for record in caplog.records if record.name == "komek.requests"]


def test_a_line_has_id_method_path_status_and_duration_and_no_query(client: Client, cast: Cast, caplog: Any) -> None:
    caplog.set_level(logging.INFO, "komek.requests")
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/organisations/", {"text": "Maral Atayeva"}, headers={"X-Request-ID": "trace-this-one"})
    (line,) = lines(caplog)
    assert (line.method, line.path, line.status) == ("GET", "/organisations/", 200)
    assert line.duration_ms > 0
    assert answer["X-Request-ID"] == line.request.request_id == "trace-this-one"
    assert "Maral" not in line.getMessage()
    client.get("/healthz")
    assert len(lines(caplog)) == 1


def test_the_line_is_one_json_object(rf: Any) -> None:
    from django.conf import settings
    from pythonjsonlogger.json import JsonFormatter

    options = {key: value for key, value in settings.LOGGING["formatters"]["json"].items() if key != "()"}
    request = rf.get("/organisations/?text=secret")
    extra = {"method": "GET", "path": "/organisations/", "status": 200, "duration_ms": 1.0, "request": request}
    record = logging.makeLogRecord({"msg": "done", "name": "komek.requests", "request_id": "x1", **extra})
    told = json.loads(JsonFormatter(**options).format(record))
    assert (told["path"], told["status"], told["request_id"]) == ("/organisations/", 200, "x1")
    assert "secret" not in json.dumps(told)


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("/account/password/reset/key/3-c0ffee-1234567890/", "c0ffee"), ("/account/confirm-email/MQ:1abc:SIGNATURE/", "SIGNATURE"),
        ("/views/unsubscribe/kept-to-myself/", "kept-to-myself"), ("/organisations/confirm/token-of-mine/", "token-of-mine"),
        ("/follow/R10001/", "R10001"), ("/nonsense/kept-to-myself/", "kept-to-myself"), ("/kept-To-Myself/", "kept-To"),
        ("/organisations/+99365123456/", "65123456"), ("/+99365123456/", "65123456"), ("/99365123456", "65123456"),
    ],
)  # fmt: skip
def test_no_line_tells_a_secret_or_a_phone(client: Client, cast: Cast, caplog: Any, path: str, secret: str) -> None:
    from komek.web.middleware import RequestIdFilter

    caplog.set_level(logging.INFO)
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    client.get(path)
    assert lines(caplog)
    for record in caplog.records:
        RequestIdFilter().filter(record)  # as the handler does
        assert secret not in record.getMessage(), record.getMessage()
        assert secret not in str(getattr(record, "path", ""))
