"""A call as its customer directs it: TwiML fetched, checked, carried out verb after verb until it ends."""

from __future__ import annotations

from xml.etree.ElementTree import Element as Node

from .dialing import dial
from .exchange import Exchange
from .fields import of_call
from .gathering import gather
from .line import Goto, HungUp, Line, Redirected
from .prompts import PlayError, Prompts
from .recording import record
from .streaming import stream
from .twiml import TwimlError, parse_voice
from .webhooks import Reply, WebhookFailed, absolute

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
MOST_DOCUMENTS = 2000  # of one call: a redirect that turns in a circle ends


class Interpreter:
    """Directs one leg. `whispering`: to a leg that answered, before it is bridged; it may not dial."""

    def __init__(self, exchange: Exchange, line: Line, whispering: bool = False) -> None:
        self.exchange = exchange
        self._whispering = whispering
        self.line = line
        self.prompts = Prompts(exchange, line)

    async def run(self, goto: Goto) -> None:
        """Follow the call. Raises HungUp when somebody ends it; returns when the TwiML is at its end."""
        following: Goto | None = goto
        for _ in range(MOST_DOCUMENTS):
            if following is None:
                return
            try:
                following = await self._document(following)
            except Redirected as redirected:
                self.line.resume()
                following = redirected.goto
        self.report(TwimlError(f"more than {MOST_DOCUMENTS} documents in one call", 0), "")
        await self._apologise()

    async def _document(self, goto: Goto) -> Goto | None:
        """One document: fetched (or from the fallback), carried out. Returns where the call goes on."""
        try:
            root, base = await self.fetch(goto)
            return await self._carry_out(root, base)
        except (TwimlError, WebhookFailed, PlayError) as error:
            self.report(error, goto.url)
            return await self._fall_back(error, goto)

    async def fetch(self, goto: Goto) -> tuple[Node, str]:
        """A checked document and its address. Raises TwimlError, WebhookFailed, Stopped."""
        if goto.twiml is not None:
            self.line.note("twiml", document=goto.twiml)
            return parse_voice(goto.twiml), goto.url
        reply = await self.line.race(self.request(goto), keep=True)
        self.line.note("twiml", url=reply.url)  # the document stands in the trace as the webhook's reply
        return parse_voice(reply.text, reply.content_type), reply.url

    async def request(self, goto: Goto) -> Reply:
        """Ask the customer what to do. Raises WebhookFailed."""
        fields = {**of_call(self.line.call, self.exchange.account), **goto.parameters}
        return await self.exchange.webhooks.request(
            goto.url, fields, method=goto.method, trace=self.line.call.trace
        )

    async def _fall_back(self, error: TwimlError | WebhookFailed | PlayError, failed: Goto) -> Goto | None:
        """The fallback URL, once for a document that failed; else the caller hears an apology."""
        url = self.line.call.asked.get("FallbackUrl")
        if url and "ErrorCode" not in failed.parameters:
            told = {"ErrorCode": str(getattr(error, "code", 11200)), "ErrorUrl": failed.url}
            return Goto(url, self.line.call.asked.get("FallbackMethod", "POST"), told)
        await self._apologise()
        return None

    async def _apologise(self) -> None:
        self.exchange.calls.answer(self.line)
        await self.prompts.say(APPLICATION_ERROR, "en-US")
        raise HungUp("carrier")

    def report(self, error: TwimlError | WebhookFailed | PlayError, url: str) -> None:
        code, message = getattr(error, "code", 11200), str(error)
        url = getattr(error, "url", url)
        call = self.line.call
        self.exchange.errors.report(code, message, sid=call.sid, url=url, trace=call.trace)
        self.line.ear.tell("error", call=call.sid, code=code, message=message)

    async def _carry_out(self, root: Node, base: str) -> Goto | None:
        if self._whispering and root.find("Dial") is not None:
            raise TwimlError("<Dial> can't stand in TwiML that <Number url> names")
        first = next(iter(root), None)
        if first is not None and first.tag == "Reject":
            busy = first.get("reason") == "busy"
            self.line.tell("tone", tone="busy" if busy else "not in service")
            raise HungUp("carrier", "busy" if busy else "no-answer")
        if self.line.rings_once:
            raise HungUp("far")
        self.exchange.calls.answer(self.line)
        for verb in root:
            goto = await self._perform(verb, base)
            if goto is not None:
                return goto
        return None

    async def _perform(self, verb: Node, base: str) -> Goto | None:
        if self.line.reason is not None:
            raise self.line.reason
        match verb.tag:
            case "Say" | "Play" | "Pause":
                await self.prompts.perform(verb, base)
            case "Gather":
                return await gather(self.line, self.prompts, verb, base)
            case "Record":
                return await record(self, verb, base)
            case "Dial":
                return await dial(self, verb, base)
            case "Connect":
                return await stream(self, verb, base)
            case "Redirect":
                return Goto(absolute(base, (verb.text or "").strip()), verb.get("method", "POST"))
            case "Hangup" | "Reject":
                raise HungUp("carrier")
        return None

    async def tell_action(self, goto: Goto | None) -> None:
        """Request an action after its leg is over: the answer has nobody left to direct."""
        if goto is None:
            return
        try:
            await self.request(goto)
        except WebhookFailed as error:
            self.report(error, goto.url)
