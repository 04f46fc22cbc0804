"""The folder ``requests/`` must never shadow the library that Twilio's SDK imports."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_requests_folder_is_not_a_package() -> None:
    assert not (ROOT / "requests" / "__init__.py").exists()


def test_importing_requests_gives_the_library_beside_our_app_and_twilio() -> None:
    import requests
    import twilio.rest

    import aid_requests

    assert ROOT / "requests" not in Path(requests.__file__).parents
    assert Path(aid_requests.__file__).parent == ROOT / "requests" / "aid_requests"
    assert twilio.rest.Client is not None
