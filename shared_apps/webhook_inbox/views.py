"""The address that Stripe sends to. No session, no CSRF token: the signature says who it is."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.stripe.errors import WebhookRefused
from shared_apps.webhook_inbox.services import count_refused, receive_webhook
from shared_apps.webhook_inbox.types import LONGEST_BODY_BYTES


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponseBase:
    """200 as soon as the event is kept; anything that is not Stripe's is counted and refused."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal() or int(announced) > LONGEST_BODY_BYTES:
        return _refused("webhook_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        receive_webhook(body=request.body, header=request.headers.get("Stripe-Signature", ""))
    except WebhookRefused as refused:
        return _refused(refused.code, HTTPStatus.BAD_REQUEST)
    return _word("ok", HTTPStatus.OK)


def _refused(code: str, status: HTTPStatus) -> HttpResponseBase:
    count_refused(code)
    return _word(code, status)


def _word(text: str, status: HTTPStatus) -> HttpResponseBase:
    return HttpResponse(text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
