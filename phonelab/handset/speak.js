// The caller's part of a call: hold the button to speak, or choose a file, also ahead of the beep.

import { Microphone } from "./microphone.js";
import { base64OfFile } from "./wav.js";

const HOLD = 400; // milliseconds: a shorter press starts, and the next one stops, for hands that can't hold

export class Speak {
  #microphone;
  #pressedAt = 0;
  #starting = null;
  #file = null; // chosen, to be spoken when the other side listens
  #hint = ""; // how the recording ends, while there is one
  #unspoken = 0; // pieces of speech that the line has not carried yet
  #live = false; // the last of them came from the microphone
  #caughtUp = [];

  /** `send(wav)` gets what is said, in base64; `problem(words)` what went wrong. */
  constructor(panel, send, problem) {
    this.panel = panel;
    this.problem = problem;
    this.send = (wav) => {
      if (send(wav)) this.#unspoken += 1;
    };
    this.listened = false; // the other side hears or records us
    this.button = panel.querySelector(".speak");
    this.picker = panel.querySelector(".voice-file");
    this.#microphone = new Microphone(this.send);
    this.#wire();
    window.addEventListener("pointerup", this.#letGo);
    window.addEventListener("pointercancel", this.#letGo);
  }

  /** There is a call. */
  open() {
    this.panel.hidden = false;
    this.#say("");
  }

  /** The other side listens now: it records, which `hint` says how to end, or a person is there. */
  listen(hint) {
    this.listened = true;
    this.#hint = hint;
    this.panel.classList.add("listened");
    this.#say(hint);
    if (this.#file) this.#speakFile();
  }

  /** Nobody listens any more. */
  unlisten() {
    this.listened = false;
    this.#hint = "";
    this.panel.classList.remove("listened");
    this.#say("");
  }

  /** The call is over. */
  close() {
    this.unlisten();
    this.#microphone.close();
    this.#file = null;
    this.#spokenAll();
    this.#atRest();
    this.panel.hidden = true;
  }

  /** The line has carried one piece of speech. */
  said() {
    this.#unspoken = Math.max(0, this.#unspoken - 1);
    if (this.#unspoken || this.#microphone.listening) return;
    this.#spokenAll();
    if (this.listened) this.#say(`You have spoken. ${this.#hint}`);
  }

  /** Resolves when what the microphone heard has gone down the line: a key must not overtake it. */
  async caughtUp() {
    if (this.#microphone.listening) this.#finish();
    if (this.#unspoken && this.#live) await new Promise((done) => this.#caughtUp.push(done));
  }

  /** Takes the window's listeners away. */
  dispose() {
    this.close();
    window.removeEventListener("pointerup", this.#letGo);
    window.removeEventListener("pointercancel", this.#letGo);
  }

  #letGo = () => this.#up();

  #wire() {
    const isPress = (event) => event.key === " " || event.key === "Enter";
    this.button.addEventListener("pointerdown", (event) => event.button === 0 && this.#down());
    this.button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch
    this.button.addEventListener("keydown", (event) => {
      if (!isPress(event)) return;
      event.preventDefault();
      if (!event.repeat) this.#down();
    });
    this.button.addEventListener("keyup", (event) => isPress(event) && this.#up());
    this.picker.addEventListener("change", () => this.#choose());
  }

  async #down() {
    if (this.#microphone.listening) return this.#finish();
    if (this.#starting) return;
    this.#pressedAt = performance.now();
    this.#starting = this.#start();
    await this.#starting;
    this.#starting = null;
  }

  async #start() {
    try {
      await this.#microphone.start();
    } catch {
      this.#pressedAt = 0;
      this.problem("The microphone can't be used: allow it for this page, or speak from a WAV file.");
      return;
    }
    this.#live = true;
    this.button.classList.add("on");
    this.#label("Let go to stop");
    this.#say("You are speaking");
  }

  async #up() {
    if (!this.#pressedAt) return;
    const held = performance.now() - this.#pressedAt;
    this.#pressedAt = 0;
    await this.#starting;
    if (!this.#microphone.listening) return;
    if (held < HOLD) this.#label("Press to stop");
    else this.#finish();
  }

  #finish() {
    this.#pressedAt = 0;
    this.#microphone.stop();
    this.#atRest();
    this.#say(this.#hint);
  }

  #choose() {
    [this.#file] = this.picker.files;
    this.picker.value = ""; // so that the same file can be chosen again
    if (!this.#file) return;
    if (this.listened) this.#speakFile();
    else this.#say(`${this.#file.name} will be spoken as soon as you are listened to`);
  }

  async #speakFile() {
    const file = this.#file;
    this.#file = null;
    this.#live = false;
    try {
      const wav = await base64OfFile(file);
      this.#say(`Speaking ${file.name}…`);
      this.send(wav);
    } catch {
      this.problem(`${file.name} is not a sound file that can be read.`);
    }
  }

  #spokenAll() {
    this.#unspoken = 0;
    for (const done of this.#caughtUp.splice(0)) done();
  }

  #atRest() {
    this.button.classList.remove("on");
    this.#label("Hold to speak");
  }

  #label(words) {
    this.button.querySelector(".speak-label").textContent = words;
  }

  #say(words) {
    const line = this.panel.querySelector(".voice-state");
    line.textContent = words;
    line.hidden = !words;
  }
}
