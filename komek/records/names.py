"""Names by language: language code → name, as several kinds of records keep them."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def cleaned_names(names: Mapping[str, str], *, longest: int) -> dict[str, str]:
    """Names without blanks around them and without empty ones. Raises ValidationError for ``names``."""
    known = dict(settings.LANGUAGES)
    unknown = [language for language in names if language not in known]
    if unknown:
        raise ValidationError(
            {
                "names": _("“%(code)s” is not one of the languages here: %(known)s.")
                % {"code": str(unknown[0])[:20], "known": ", ".join(known)}
            }
        )
    cleaned = {language: " ".join(str(name).split()) for language, name in names.items()}
    too_long = [language for language, name in cleaned.items() if len(name) > longest]
    if too_long:
        raise ValidationError(
            {
                "names": _("The name in %(language)s is longer than %(longest)d characters.")
                % {"language": known[too_long[0]], "longest": longest}
            }
        )
    return {language: cleaned[language] for language in known if cleaned.get(language)}
