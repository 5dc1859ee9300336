"""Texts: out at the sender's rate, in to the customer's webhook; the carrier's own STOP, START, HELP."""

from __future__ import annotations

from typing import Any

from .exchange import Exchange
from .fields import of_incoming_message, of_message_status
from .segments import count
from .state import Message, new_sid
from .twiml import TwimlError, message_body, parse_message
from .webhooks import Reply, WebhookFailed, absolute

OPTED_OUT, QUEUE_FULL = 21610, 30001
QUEUE_SECONDS = 4 * 3600  # Twilio keeps four hours of a sender's rate
MOST_REDIRECTS = 20
STOP_WORDS = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"])
START_WORDS = frozenset(["START", "YES", "UNSTOP"])
HELP_WORDS = frozenset(["HELP", "INFO"])
STOP_REPLY = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
START_REPLY = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP_REPLY = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


class Messages:
    """All texts that are on their way."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    # --- out

    def send(
        self, from_: str, to: str, body: str, *, direction: str, media: list[str], callback: str
    ) -> Message:
        """A text accepted and queued. Who opted out is checked before, by who calls this."""
        message = self._new(from_, to, body, direction, media)
        message.status_callback = callback
        self._exchange.start(self._deliver(message))
        return message

    def opted_out(self, person: str, number: str) -> bool:
        return (
            self._exchange.settings.carrier_keywords and (person, number) in self._exchange.records.opted_out
        )

    async def _deliver(self, message: Message) -> None:
        exchange = self._exchange
        pacer = exchange.message_pacer(message.from_)
        self._status(message, "queued")
        if pacer.waiting > QUEUE_SECONDS * exchange.settings.messages_per_second:
            self._fail(message, "failed", QUEUE_FULL)
            return
        await pacer.pass_through(message.segments)
        message.sent = exchange.clock.now()
        self._status(message, "sent")
        error = exchange.behaviour(message.to).texts_fail_with
        if error is None:
            self._hand_over(message)
        await exchange.clock.wait(exchange.settings.delivery_seconds)
        if error is not None:
            self._fail(message, "undelivered", error)
        else:
            self._status(message, "delivered")

    def _fail(self, message: Message, status: str, code: int) -> None:
        message.error_code = code
        self._status(message, status)

    def _status(self, message: Message, status: str) -> None:
        exchange = self._exchange
        message.status, message.updated = status, exchange.clock.now()
        message.trace.append({"what": "status", "at": round(exchange.clock.elapsed(), 3), "status": status})
        if message.status_callback:
            fields = of_message_status(message, exchange.account, status, exchange.clock)
            exchange.status_callback(message.sid, message.status_callback, "POST", fields, message.trace)

    def _hand_over(self, message: Message) -> None:
        self._exchange.handsets.at(message.to).text(shown(message))

    # --- in

    def text_in(self, from_: str, to: str, body: str) -> Message:
        """A handset sends a text. It is shown on that handset, and goes to the number's webhook."""
        message = self._new(from_, to, body, "inbound", [])
        message.status = "received"
        message.sent = self._exchange.clock.now()
        self._exchange.handsets.at(from_).text(shown(message))
        self._exchange.start(self._receive(message))
        return message

    async def _receive(self, message: Message) -> None:
        exchange = self._exchange
        number = exchange.records.numbers.get(message.to)
        if number is None:
            self._trouble(message, 0, f"{message.to} is no number of the account", "")
            return
        if self._keyword(message) and not exchange.settings.keyword_webhook:
            return
        if not number.sms_url:
            self._trouble(message, 0, f"{message.to} has no messaging URL", "")
            return
        fields = of_incoming_message(message, exchange.account)
        try:
            await self._converse(message, number.sms_url, number.sms_method, fields)
        except (WebhookFailed, TwimlError) as error:
            self._trouble(message, error.code, error.message, getattr(error, "url", number.sms_url))
            if number.sms_fallback_url:
                told = {**fields, "ErrorCode": str(error.code), "ErrorUrl": number.sms_url.partition("#")[0]}
                await self._try_fallback(message, number.sms_fallback_url, number.sms_fallback_method, told)

    async def _try_fallback(self, message: Message, url: str, method: str, fields: dict[str, str]) -> None:
        try:
            await self._converse(message, url, method, fields)
        except (WebhookFailed, TwimlError) as error:
            self._trouble(message, error.code, error.message, getattr(error, "url", url))

    async def _converse(self, message: Message, url: str, method: str, fields: dict[str, str]) -> None:
        """Ask the customer, follow its redirects, send its replies."""
        for _ in range(MOST_REDIRECTS):
            reply = await self._exchange.webhooks.request(url, fields, method=method, trace=message.trace)
            root = parse_message(reply.text, reply.content_type)
            following = None
            for verb in root:
                if verb.tag == "Message":
                    self._reply(message, verb, reply)
                else:
                    following = absolute(reply.url, (verb.text or "").strip()), verb.get("method", "POST")
                    break
            if following is None:
                return
            url, method = following
        raise TwimlError(f"more than {MOST_REDIRECTS} redirects", 0)

    def _reply(self, message: Message, verb: Any, reply: Reply) -> None:
        callback = verb.get("action") or verb.get("statusCallback") or ""
        to = verb.get("to", message.from_)
        media = [absolute(reply.url, (node.text or "").strip()) for node in verb.findall("Media")]
        body = message_body(verb)
        if self.opted_out(to, message.to):
            refused = self._new(message.to, to, body, "outbound-reply", media)
            refused.error_code, refused.status = OPTED_OUT, "failed"
            self._trouble(message, OPTED_OUT, "the reply goes to somebody who opted out", reply.url)
            return
        self.send(
            verb.get("from", message.to),
            to,
            body,
            direction="outbound-reply",
            media=media,
            callback=absolute(reply.url, callback) if callback else "",
        )

    def _keyword(self, message: Message) -> bool:
        """What the carrier itself does at STOP, START, HELP. True if it was such a word."""
        if not self._exchange.settings.carrier_keywords:
            return False
        word = message.body.strip().upper()
        pair = (message.from_, message.to)
        opted_out = self._exchange.records.opted_out
        if word in STOP_WORDS:
            first = pair not in opted_out
            opted_out.add(pair)
            if first:
                self._say(message, STOP_REPLY)
            return True
        if word in START_WORDS and pair in opted_out:
            opted_out.discard(pair)
            self._say(message, START_REPLY)
            return True
        if word in HELP_WORDS:
            self._say(message, HELP_REPLY)
            return True
        return False

    def _say(self, message: Message, body: str) -> None:
        self.send(message.to, message.from_, body, direction="outbound-reply", media=[], callback="")

    def _trouble(self, message: Message, code: int, text: str, url: str) -> None:
        self._exchange.errors.report(code, text, sid=message.sid, url=url, trace=message.trace)
        self._exchange.handsets.at(message.from_).tell("error", code=code, message=text)

    def _new(self, from_: str, to: str, body: str, direction: str, media: list[str]) -> Message:
        now = self._exchange.clock.now()
        sid = new_sid("MM" if media else "SM")
        made = Message(sid, from_, to, body, direction, now, count(body), media=media, updated=now)
        return self._exchange.records.messages.add(made)


def shown(message: Message) -> dict[str, Any]:
    """A text as handsets show it."""
    return {
        "sid": message.sid,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "segments": message.segments,
        "at": (message.sent or message.created).isoformat(),
        "direction": message.direction,
        "status": message.status,
        "media": message.media,
    }
