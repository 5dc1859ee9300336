// The texts on a handset's screen: bubbles in both directions, with what became of each.

import { CLINIC, languageOfScript, nameOf } from "./people.js";

const clock = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit" });

export class Texts {
  #bubbles = new Map();

  constructor(list) {
    this.list = list;
    new ResizeObserver(() => this.#showLast()).observe(list); // a call takes room from the texts
    this.clear();
  }

  clear() {
    this.#bubbles.clear();
    const empty = element("li", "no-texts", "No texts yet");
    this.list.replaceChildren(empty);
  }

  /** Shows a text of `owner`'s phone, or what has become of one that is shown already. */
  show(text, owner) {
    const known = this.#bubbles.get(text.sid);
    if (known) {
      known.querySelector(".meta").textContent = meta(text, text.from === owner);
      known.classList.toggle("failed", isFailed(text));
      return;
    }
    this.list.querySelector(".no-texts")?.remove();
    const bubble = makeBubble(text, text.from === owner);
    this.#bubbles.set(text.sid, bubble);
    this.list.append(bubble);
    this.#showLast();
  }

  #showLast() {
    this.list.scrollTop = this.list.scrollHeight;
  }
}

function makeBubble(text, isMine) {
  const bubble = element("li", isMine ? "bubble mine" : "bubble theirs");
  bubble.dataset.sid = text.sid;
  bubble.classList.toggle("failed", isFailed(text));
  const other = isMine ? text.to : text.from;
  bubble.append(element("span", "hidden", isMine ? "You: " : `${nameOf(other)}: `));
  if (other !== CLINIC) bubble.append(element("span", "party", (isMine ? "To " : "From ") + nameOf(other)));
  const body = element("p", "words", text.body);
  body.dir = "auto";
  body.lang = languageOfScript(text.body);
  bubble.append(body, element("span", "meta", meta(text, isMine)));
  return bubble;
}

function meta(text, isMine) {
  const parts = [clock.format(new Date(text.at))];
  if (text.segments) parts.push(`${text.segments} ${text.segments === 1 ? "segment" : "segments"}`);
  if (text.status && (isMine || text.status !== "sent")) parts.push(text.status); // it is here: it was sent
  return parts.join(" · ");
}

function isFailed(text) {
  return text.status === "failed" || text.status === "undelivered";
}

export function element(tag, className, words = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = words;
  return made;
}
