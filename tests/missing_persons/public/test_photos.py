"""Photos: upright, without hidden data, in two sizes; what is no photo is refused in a sentence."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from komek.web.pictures import UnusablePicture
from missing_persons.photos import SIDE, SMALL_SIDE, made_ready
from tests.missing_persons.public.conftest import jpeg


def test_a_photo_is_turned_upright_stripped_of_its_place_and_kept_in_two_sizes() -> None:
    sent = jpeg(2400, 1200, turned=True, place=True)
    assert b"SecretCameraMaker" in sent.read()
    sent.seek(0)
    ready = made_ready(sent)
    for content, side in ((ready.large, SIDE), (ready.small, SMALL_SIDE)):
        image = Image.open(io.BytesIO(content))
        assert image.size == (side // 2, side) and not image.getexif() and b"SecretCameraMaker" not in content
        top, bottom = image.getpixel((side // 4, side // 10)), image.getpixel((side // 4, side * 9 // 10))
        assert top[0] > 200 > top[2] and bottom[2] > 200 > bottom[0], "red was left, and is on top now"


def png_bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR" + head, b"IDAT" + zlib.compress(b"\0" * 1000))
    told = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), shade) for shade in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n...", "PDF file"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG file"),
        (b'<?xml version="1.0"?><svg/>', "SVG file"),
        (animation(), "moves"),
        (jpeg(600, 600).read()[:900], "not a picture we can read"),
        (png_bomb(40_000, 40_000), "pixels"),
        (png_bomb(9_000, 9_000), "pixels"),
        (b"", "not a picture we can read"),
        (b"MZ\x90\x00 a program", "not a picture we can read"),
    ],
)
def test_what_is_no_photo_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    import weasyprint  # noqa: F401, PLC0415 - it makes Pillow lenient in the whole process

    with pytest.raises(UnusablePicture, match=words):
        made_ready(SimpleUploadedFile("photo.jpg", content, "image/jpeg"))
