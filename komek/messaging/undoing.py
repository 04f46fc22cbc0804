"""Taking back what a text did: by the one who sent it, for a while, and as long as nobody has built on it."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.extensions.sms_commands import Undoable, sms_commands
from komek.messaging.models import InboundLine, LineState
from komek.messaging.sender import Sender

FOR = timedelta(hours=24)


def undo(*, by: Sender, reference: str) -> str:
    """Take back the sender's newest line with this reference, or their newest of all without one. Returns what was done.

    Raises ValidationError with a sentence: nothing of theirs is called so, it is too late, or its registry refuses.
    """
    lines = InboundLine.objects.select_for_update(of=("self",)).filter(inbound__sender=by.number, state=LineState.ACTED)
    lines = lines.exclude(undo="")
    if reference:
        lines = lines.filter(undo__iexact=reference)
    line = lines.select_related("inbound").order_by("-inbound_id", "-number").first()
    if line is None:
        raise ValidationError(
            _("Nothing you sent is called %(reference)s. You can undo only what you sent yourself.")
            % {"reference": reference}
            if reference
            else _("There is nothing of yours to undo.")
        )
    if line.undone_at is not None:
        raise ValidationError(_("%(reference)s is undone already.") % {"reference": line.undo})
    if line.inbound.received_at < timezone.now() - FOR:
        raise ValidationError(
            _("%(reference)s is older than a day. Ask a coordinator to change it.") % {"reference": line.undo}
        )
    plug = sms_commands.get(line.verb)
    if not isinstance(plug, Undoable):
        raise ValidationError(_("%(reference)s cannot be undone by a text.") % {"reference": line.undo})
    done = plug.undo(line.memo, by)
    line.undone_at = timezone.now()
    line.save(update_fields=["undone_at"])
    return done
