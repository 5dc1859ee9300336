// The call on a handset's screen: its state, its length, what is said, and what the other side waits for.

import { languageName, nameOf } from "./people.js";
import { element } from "./texts.js";

const YOU = "hung up by far"; // the reason that the telephone company gives
const ENDED = {
  busy: "The line is busy",
  "no-answer": "Nobody answered",
  failed: "The call failed",
  canceled: "The call was given up",
  lost: "The call was lost",
};
const ENDED_FOR_THE_CALLED = { ...ENDED, busy: "You declined the call", "no-answer": "You missed a call" };

export class CallPanel {
  #clock = 0;
  #since = 0;
  #called = false; // the other side called us

  /** `panel` is the call's part of the screen, `handset` the whole phone, whose data-call tells the state. */
  constructor(panel, handset) {
    this.panel = panel;
    this.handset = handset;
    this.captions = panel.querySelector(".captions");
    this.done = panel.querySelector(".call-done");
    this.done.addEventListener("click", () => (panel.hidden = true));
  }

  /** idle, dialing, ringing, talking or ended. */
  get state() {
    return this.handset.dataset.call;
  }

  get isOn() {
    return ["dialing", "ringing", "talking"].includes(this.state);
  }

  dialing(number) {
    this.#called = false;
    this.#begin("dialing", `Calling ${nameOf(number)}…`);
  }

  ringing(number) {
    this.#called = true;
    this.#begin("ringing", `${nameOf(number)} is calling`);
  }

  talking() {
    if (this.state === "talking") return;
    this.#show("talking", "On the phone");
    this.#since = Date.now();
    this.#tick();
    this.#clock = setInterval(() => this.#tick(), 1000);
  }

  ended(status, reason) {
    clearInterval(this.#clock);
    this.asked("");
    this.silenced();
    this.#show("ended", this.#endedWords(status, reason));
    this.done.hidden = false;
  }

  /** Takes the call off the screen. */
  clear() {
    clearInterval(this.#clock);
    this.handset.dataset.call = "idle";
    this.panel.hidden = true;
    this.captions.replaceChildren();
  }

  /** A caption; it is the one being heard until the next one or `silenced`. */
  say(words, tag) {
    this.silenced();
    const caption = element("li", "caption now");
    const name = languageName(tag);
    if (name) caption.append(element("span", "language", name));
    const said = element("p", "words", words);
    said.lang = tag;
    said.dir = "auto";
    caption.append(said);
    this.#append(caption);
  }

  /** A line about the call; said once, however often it happens in a row. */
  note(words) {
    if (this.captions.lastElementChild?.textContent !== words) this.#append(element("li", "note", words));
  }

  silenced() {
    this.captions.querySelector(".now")?.classList.remove("now");
  }

  /** What the other side waits for, "" for nothing. */
  asked(words) {
    const line = this.panel.querySelector(".asked");
    line.textContent = words;
    line.hidden = !words;
    this.showLast();
  }

  /** Scrolls to the newest caption, also when there is less room for them than before. */
  showLast() {
    this.captions.scrollTop = this.captions.scrollHeight;
  }

  #endedWords(status, reason) {
    if (status === "failed" && reason) return `The call failed: ${reason}`;
    if (reason === YOU) return "You hung up";
    const words = this.#called ? ENDED_FOR_THE_CALLED : ENDED;
    return words[status] ?? "The other side hung up";
  }

  #begin(state, words) {
    clearInterval(this.#clock);
    this.captions.replaceChildren();
    this.panel.querySelector(".call-time").textContent = "";
    this.asked("");
    this.done.hidden = true;
    this.#show(state, words);
  }

  #show(state, words) {
    this.handset.dataset.call = state;
    this.panel.hidden = false;
    this.panel.querySelector(".call-state").textContent = words;
  }

  #append(item) {
    this.captions.append(item);
    this.showLast();
  }

  #tick() {
    const seconds = Math.floor((Date.now() - this.#since) / 1000);
    const two = (count) => String(count).padStart(2, "0");
    this.panel.querySelector(".call-time").textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  }
}

/** How a recording is ended, in words. */
export function recordingEnds({ maxLength, finishOnKey }) {
  const key = finishOnKey.length > 1 ? "any key" : finishOnKey;
  const ways = [key && `${key} ends it`, maxLength < 3600 && `at most ${maxLength} s`].filter(Boolean);
  return "You are being recorded" + (ways.length ? ` (${ways.join(", ")})` : "");
}

/** What a Gather waits for, in words. */
export function keysWanted({ numDigits, finishOnKey }) {
  const count = numDigits ? `${numDigits} ${numDigits === 1 ? "key" : "keys"}` : "keys";
  return `Waiting for ${count}` + (finishOnKey && numDigits !== 1 ? `, ${finishOnKey} to finish` : "");
}
