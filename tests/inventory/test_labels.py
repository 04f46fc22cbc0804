"""Labels: what their codes hold, that bars can be read, and where a scanned code leads."""

from __future__ import annotations

import pytest

from inventory.codes_drawn import _WIDTHS, code128_widths
from tests.conftest import SignIn
from tests.inventory.conftest import Stores, batch


def test_every_sign_of_code_128_is_eleven_modules_and_unlike_the_others() -> None:
    assert len(set(_WIDTHS)) == 107 and {sum(map(int, sign)) for sign in _WIDTHS[:-1]} == {11}
    # ISO/IEC 15417: bars of a sign add up to an even number of modules.
    assert all(sum(map(int, sign[::2])) % 2 == 0 for sign in _WIDTHS[:-1])


def test_a_code_ends_with_its_check_sign() -> None:
    # Start B (104) + 1·K(43) + 2·1(17) + 3·2(18) = 235; 235 mod 103 = 29.
    assert code128_widths("K12") == "".join(_WIDTHS[value] for value in (104, 43, 17, 18, 29, 106))
    with pytest.raises(ValueError, match="bar code"):
        code128_widths("Ýük")


def test_labels_of_bins_and_batches_fill_a_sheet_and_scanning_finds_them(stores: Stores, sign_in: SignIn) -> None:
    client, rice = sign_in(stores.kerim), batch(stores, number="L-7")
    sheet = client.get(f"/stock/labels/?kind=bin&warehouse={stores.warehouse.code}").content.decode()
    assert f"{stores.warehouse.code} A-01" in sheet and sheet.count('class="label"') == 2
    sheet = client.get(f"/stock/labels/?kind=batch&codes={rice.code}&copies=3").content.decode()
    assert sheet.count('class="label"') == 3 and "L-7" in sheet
    answer = client.get("/stock/scan/", {"code": rice.code[:-1] + str((int(rice.code[-1]) + 1) % 10)})
    assert answer.status_code == 404 and "wrong letter or digit" in answer.content.decode()
    answer = client.get("/stock/scan/", {"code": f"{stores.warehouse.code} Z-99"})
    assert "has no bin “Z-99”" in answer.content.decode()


def test_labels_are_closed_to_the_public(client: object) -> None:
    assert client.get("/stock/labels/?kind=batch").status_code == 302  # type: ignore[attr-defined]
