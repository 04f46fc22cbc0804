"""The requester's last word: it came, or not all of it did. From the follow page, or by SMS from the phone that asked."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from aid_requests.life_cycle import close_by_requester, locked_request, move
from aid_requests.models import AidRequest, RequestState
from aid_requests.refusals import Refused
from komek.records.actor import Actor, acting
from komek.records.codes import MistypedCode, parse_code


def confirm_receipt(*, by: Actor, request: AidRequest) -> AidRequest:
    """Everything that is needed came; the request is closed. Confirmed twice is confirmed once. Raises Refused."""
    if request.state == RequestState.CLOSED:
        return request
    return close_by_requester(by=by, request=request)


@transaction.atomic
def say_not_all_came(*, by: Actor, request: AidRequest, words: str) -> AidRequest:
    """Not all came, in the requester's words: the request counts as partly met, its next step is due. Raises Refused."""
    if not words.strip():
        raise Refused({"words": _("Write what did not come.")})
    locked = locked_request(request)
    if locked.state not in (RequestState.MET, RequestState.PARTLY_MET):
        raise Refused(
            {
                "__all__": _("%(code)s is “%(state)s”; there is nothing to confirm now.")
                % {"code": locked.code, "state": locked.get_state_display()}
            }
        )
    with acting(by):
        move(by=by, request=locked, after=RequestState.PARTLY_MET, reason=words, tell=False)
    return locked


def confirm_by_phone(*, by: Actor, code: str, phone: str) -> AidRequest:
    """As ``confirm_receipt``, for a text from ``phone`` (E.164): only the phone that asked may say so. Raises Refused."""
    try:
        canonical = parse_code(code, "R")
    except MistypedCode as fault:
        raise Refused({"code": str(fault)}) from fault
    rows = AidRequest.objects.select_related("operation", "site", "merged_into").filter(code=canonical)
    request = rows.filter(reporter_phone=phone).exclude(state=RequestState.DRAFT).first() if phone else None
    if request is None:
        raise Refused(
            {"code": _("No request %(code)s was asked from this phone. Check the code.") % {"code": canonical}}
        )
    return confirm_receipt(by=by, request=request)
