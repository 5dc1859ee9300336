// One handset: what its owner does goes down the line, what the telephone company says shows and sounds.

import { CallPanel, keysWanted, recordingEnds } from "./call.js";
import { makeCompose } from "./compose.js";
import { Dial } from "./dial.js";
import { makeKeypad } from "./keypad.js";
import { Line } from "./line.js";
import { nameOf, written } from "./people.js";
import { PromptPlayer, Ringer, beep, keyTone } from "./sound.js";
import { Speak } from "./speak.js";
import { Texts, element } from "./texts.js";

const LOUD = 0.12; // ringing here
const SOFT = 0.03; // ringing at the other end

export class Phone {
  #line = null;
  #ringer = new Ringer();

  // What each event of the line does. Events with `past` are of a call that was under way when the page came.
  #events = {
    state: (state) => this.#resume(state),
    dialing: ({ to, past }) => {
      this.call.dialing(to);
      if (!past) this.#ringer.start(SOFT);
    },
    ringing: ({ from, past }) => {
      this.call.ringing(from);
      if (!past) this.#ringer.start(LOUD);
    },
    connected: () => {
      this.#ringer.stop();
      this.call.talking();
      this.speak.open();
    },
    saying: ({ text, language, audio }) => {
      this.call.say(text, language ?? "");
      if (audio) this.prompts.play(audio);
    },
    playing: (event) => this.#playing(event),
    hearing: ({ audio }) => {
      this.call.note("The other side speaks");
      if (audio) this.prompts.follow(audio);
    },
    silenced: () => {
      this.prompts.silence();
      this.call.silenced();
    },
    gathering: (event) => this.call.asked(keysWanted(event)),
    gathered: () => this.call.asked(""),
    unheard: ({ digits }) => this.call.asked(`Nobody was listening for ${digits}`),
    tone: ({ tone }) => this.call.note(tone === "busy" ? "♪ Busy tone" : "♪ This number is not in service"),
    beep: ({ past }) => !past && beep(),
    recording: (event) => {
      this.call.silenced();
      this.call.asked("");
      this.speak.listen(recordingEnds(event));
      this.call.showLast();
    },
    recorded: ({ seconds, empty }) => {
      this.speak.unlisten();
      this.call.note(empty ? "Nothing was recorded: nobody spoke" : `Recorded: ${Number(seconds).toFixed(1)} s`);
    },
    said: () => this.speak.said(),
    dialed: ({ to, status }) => this.call.note(`Put through to ${nameOf(to)}: ${status}`),
    bridged: ({ to }) => {
      this.call.note(`You are through to ${nameOf(to)}`);
      this.speak.listen("They hear what you say");
    },
    unbridged: () => this.speak.unlisten(),
    ended: (event) => this.#ended(event),
    text: (text) => {
      this.texts.show(text, this.number);
      if (this.call.state === "talking" && text.to === this.number) this.call.note("✉ A text from " + nameOf(text.from));
    },
    error: ({ message, code, past }) => !past && this.problem(message, code),
  };

  constructor(handset) {
    this.handset = handset;
    const part = (selector) => handset.querySelector(selector);
    this.part = part;
    this.texts = new Texts(part(".texts"));
    this.call = new CallPanel(part(".call"), handset);
    this.speak = new Speak(part(".voice"), (wav) => this.#do({ do: "voice", wav }), (words) => this.problem(words));
    this.prompts = new PromptPlayer(handset.appendChild(new Audio()), (words) => this.problem(words));
    this.dial = new Dial(part(".dial"), () => this.#refresh(), () => this.#green());
    this.type = makeKeypad(part(".keypad"), (key) => this.#key(key), () => !this.call.isOn);
    this.#wire();
    this.#refresh();
  }

  /** Whose phone it is from now on. */
  hold(number) {
    this.number = number;
    this.#line?.close();
    this.#hush();
    this.call.clear();
    this.speak.close();
    this.texts.clear();
    this.handset.setAttribute("aria-label", `Handset of ${nameOf(number)}`);
    this.part(".own-number").textContent = written(number);
    this.#connection("Connecting…", false);
    this.#line = new Line(number, (event) => this.#heard(event), (up) => this.#connection(up ? "Connected" : "Connecting again…", up));
    this.#refresh();
  }

  close() {
    this.#line?.close();
    this.#hush();
    this.prompts.close();
    this.speak.dispose();
  }

  get inUse() {
    return this.call.isOn;
  }

  problem(words, code) {
    const list = this.part(".problem-list");
    const item = element("li", "problem", words + (code ? ` (${code})` : ""));
    list.prepend(item);
    while (list.children.length > 50) list.lastChild.remove();
    this.part(".problems").hidden = false;
    this.part(".problems").open = true;
    this.part(".problem-count").textContent = list.children.length;
  }

  #wire() {
    this.part(".green").addEventListener("click", () => this.#green());
    this.part(".red").addEventListener("click", () => this.#do({ do: this.call.state === "ringing" ? "reject" : "hangup" }));
    makeCompose(this.part(".compose"), (body) => {
      const to = this.#other();
      return to && this.#do({ do: "text", to, body });
    });
  }

  #green() {
    if (this.call.state === "ringing") return this.#do({ do: "answer" });
    const to = this.call.isOn ? "" : this.#other();
    if (to) this.#do({ do: "call", to });
  }

  /** The number in the dial field, or "" and a word about it. */
  #other() {
    if (!this.dial.number) this.problem(`“${this.dial.typed}” is not a phone number. Write it as +1 617 555 0100.`);
    return this.dial.number;
  }

  #key(key) {
    if (this.call.state === "talking") {
      this.speak.caughtUp().then(() => this.#do({ do: "keys", digits: key }));
      const pressed = this.part(".pressed-digits");
      pressed.textContent = (pressed.textContent + key).slice(-24);
    } else if (!this.call.isOn) this.dial.press(key);
  }

  #do(request) {
    const sent = this.#line.send(request);
    if (!sent) this.problem("There is no connection to the telephone company. Is phonelab running?");
    return sent;
  }

  #heard(event) {
    this.#events[event.event]?.(event);
    this.#refresh();
  }

  #connection(words, isUp) {
    this.part(".connection").textContent = words;
    this.handset.toggleAttribute("data-offline", !isUp);
  }

  #hush() {
    this.#ringer.stop();
    this.prompts.silence();
    this.call.silenced();
  }

  /** The state as the company tells it after connecting, and the call so far, without its sounds. */
  #resume({ texts, calls }) {
    this.texts.clear();
    for (const text of texts ?? []) this.texts.show(text, this.number);
    const [call] = calls ?? [];
    if (!call) {
      if (this.call.isOn) this.#ended({ status: "lost" });
      return;
    }
    this.#hush();
    for (const event of call.events ?? []) this.#heard({ ...event, audio: null, past: true });
    if (this.call.state === "ringing") this.#ringer.start(LOUD);
  }

  #ended({ status, reason }) {
    this.#hush();
    this.speak.close();
    if (this.call.isOn) this.call.ended(status, reason);
  }

  #playing({ audio, digits, past }) {
    this.call.note(digits ? `♪ Key tones: ${digits}` : "♪ A recording is played");
    if (past) return;
    if (audio) this.prompts.play(audio);
    [...(digits ?? "")].forEach((key, place) => setTimeout(() => keyTone(key), place * 200));
  }

  #refresh() {
    const { state, isOn } = this.call;
    this.part(".green-label").textContent = state === "ringing" ? "Answer" : "Call";
    this.part(".red-label").textContent = state === "ringing" ? "Decline" : "Hang up";
    this.part(".green").disabled = isOn && state !== "ringing";
    this.part(".red").disabled = !isOn;
    this.part(".dial").hidden = state === "talking";
    this.part(".pressed").hidden = state !== "talking";
    if (!isOn) this.part(".pressed-digits").textContent = "";
    this.part(".owner-select").disabled = isOn;
    this.part(".body").placeholder = `Text ${this.dial.who}`;
  }
}
