"""Photographs and scans, written anew: what they show is kept, what else they carry is not.

A phone writes into each photo where and when it was taken, and with which device. In a photo of a
passport that is an address. What is drawn again from its pixels also carries nothing hidden.
"""

import warnings
from io import BytesIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
# Letters stay sharp: no coarser colours than the camera's.
WAYS_TO_SAVE = {
    "JPEG": {"quality": 90, "subsampling": 0},
    "PNG": {},
    "WEBP": {"quality": 90},
}
PLAIN_MODES = {
    "JPEG": {"L", "RGB", "CMYK"},
    "PNG": {"1", "L", "LA", "RGB", "RGBA"},
    "WEBP": {"RGB", "RGBA"},
}


def written_anew(content: bytes) -> bytes:
    """Return the picture upright and without its notes, or raise a ValidationError."""
    try:
        with warnings.catch_warnings():
            # Judged below by a bound of our own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
                return _saved(picture)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError(
            _("The picture is damaged and cannot be read. Please take it again."), code="broken"
        ) from error


def _saved(picture: Image.Image) -> bytes:
    name = FORMATS[picture.format]
    if name == "JPEG" and _is_too_large(picture):
        # Read at half the size from the start: only JPEG can, and only phones make such photos.
        picture.draft(None, (picture.width // 2, picture.height // 2))
    if _is_too_large(picture):
        raise _too_many_pixels()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in PLAIN_MODES[name]:
        upright = upright.convert("RGBA" if _may_be_transparent(upright, name) else "RGB")
    upright.info = {}
    saved = BytesIO()
    upright.save(saved, name, **WAYS_TO_SAVE[name])
    return saved.getvalue()


def _is_too_large(picture: Image.Image) -> bool:
    return picture.width * picture.height > settings.MOST_PIXELS


def _may_be_transparent(picture: Image.Image, name: str) -> bool:
    return name != "JPEG" and picture.has_transparency_data


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _("The picture has too many pixels. Please take it with a lower resolution."),
        code="too_large",
    )
