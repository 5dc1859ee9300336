// What a phone sounds like: key tones, ringing, the beep, and spoken prompts. All of it obeys one switch.

const RING = { tones: [440, 480], on: 2, every: 6 }; // North American cadence, seconds
const KEY_ROWS = [697, 770, 852, 941];
const KEY_COLUMNS = [1209, 1336, 1477];
const LAG = 1; // seconds that our playing may be behind the call
const KEYS = "123456789*0#";

let context = null;
let loudness = null;
let on = true;
const players = new Set();
const wanted = new EventTarget();

/** Fires "wanted" when something should sound but the browser waits for a gesture, "allowed" once it may. */
export const permission = wanted;

/** Call from a key press or a click: only then do browsers allow sound. */
export async function allowSound() {
  prepare();
  await context.resume();
  wanted.dispatchEvent(new Event("allowed"));
  for (const player of players) player.resume();
}

export function setSound(isOn) {
  on = isOn;
  if (loudness) loudness.gain.value = on ? 1 : 0;
  for (const player of players) player.audio.muted = !on;
}

export function keyTone(key) {
  const place = KEYS.indexOf(key);
  if (place < 0) return;
  tone([KEY_ROWS[Math.floor(place / 3)], KEY_COLUMNS[place % 3]], 0.12, 0.05);
}

export function beep() {
  tone([1000], 0.3, 0.08);
}

/** A phone's ringing: loud for the one who is called, soft for the one who calls. */
export class Ringer {
  #timer = 0;
  #sounding = [];

  start(gain) {
    this.stop();
    const ring = () => (this.#sounding = tone(RING.tones, RING.on, gain));
    ring();
    this.#timer = setInterval(ring, RING.every * 1000);
  }

  stop() {
    clearInterval(this.#timer);
    for (const oscillator of this.#sounding) oscillator.stop();
    this.#sounding = [];
  }
}

/** Plays prompts one after the other through an <audio> element of the handset. */
export class PromptPlayer {
  #queue = [];

  constructor(audio, failed) {
    this.audio = audio;
    this.failed = failed;
    audio.muted = !on;
    audio.addEventListener("ended", () => this.#next());
    audio.addEventListener("error", () => {
      if (!audio.getAttribute("src")) return; // silenced
      failed("The sound of a prompt could not be fetched; its words are on the screen.");
      this.#next();
    });
    players.add(this);
  }

  play(url) {
    // The next prompt comes when the one before should be over. If that isn't so it was cut off, or we lag.
    if (this.audio.duration - this.audio.currentTime > LAG || this.#queue.length > 1) this.silence();
    this.follow(url);
  }

  /** Plays after what is playing, however long that takes. */
  follow(url) {
    this.#queue.push(url);
    if (this.#queue.length === 1) this.#start();
  }

  silence() {
    this.#queue = [];
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  resume() {
    if (this.#queue.length && this.audio.paused) this.#start();
  }

  close() {
    this.silence();
    players.delete(this);
  }

  #next() {
    this.#queue.shift();
    if (this.#queue.length) this.#start();
  }

  async #start() {
    if (this.audio.getAttribute("src") !== this.#queue[0]) this.audio.src = this.#queue[0];
    try {
      await this.audio.play();
    } catch (problem) {
      if (problem.name === "NotAllowedError") wanted.dispatchEvent(new Event("wanted"));
    }
  }
}

function prepare() {
  if (context) return;
  context = new AudioContext();
  loudness = context.createGain();
  loudness.gain.value = on ? 1 : 0;
  loudness.connect(context.destination);
}

function tone(frequencies, seconds, gain) {
  prepare();
  if (context.state !== "running") {
    context.resume(); // it may have had its gesture; if not, the page asks for one
    if (!navigator.userActivation?.hasBeenActive) wanted.dispatchEvent(new Event("wanted"));
  }
  const volume = context.createGain();
  const now = context.currentTime;
  volume.gain.setValueAtTime(0, now);
  volume.gain.linearRampToValueAtTime(gain, now + 0.01);
  volume.gain.setValueAtTime(gain, now + seconds - 0.02);
  volume.gain.linearRampToValueAtTime(0, now + seconds);
  volume.connect(loudness);
  return frequencies.map((frequency) => {
    const oscillator = new OscillatorNode(context, { frequency });
    oscillator.connect(volume);
    oscillator.start(now);
    oscillator.stop(now + seconds);
    return oscillator;
  });
}
