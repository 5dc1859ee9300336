// The caller's live voice. It goes down the line piece by piece while it is spoken, as on a phone: were it
// sent at the end, the other side would hear silence meanwhile and stop recording.

import { base64Wav } from "./wav.js";

const PHONE_RATE = 8000; // hertz: more is lost on the line anyway
const PIECE = 0.4; // seconds
const LEAD = 0.25; // seconds of silence at first, so that a piece that comes late leaves no gap in the speech

export class Microphone {
  #stream = null;
  #context = null;
  #pieces = [];
  #length = 0;

  /** `send(wav)` gets each piece, in base64. */
  constructor(send) {
    this.send = send;
    this.listening = false;
  }

  /** Starts to listen; asks for the microphone the first time, which may be refused. */
  async start() {
    if (!this.#stream) await this.#open();
    this.#keep(new Float32Array(Math.round(LEAD * this.#context.sampleRate)));
    this.listening = true;
  }

  stop() {
    if (!this.listening) return;
    this.listening = false;
    this.#sendPiece();
  }

  /** Lets go of the microphone. */
  close() {
    this.listening = false;
    this.#pieces = [];
    this.#length = 0;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#stream = this.#context = null;
  }

  async #open() {
    const wanted = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    const [context, source] = tap(stream);
    await context.audioWorklet.addModule(new URL("microphone-worklet.js", import.meta.url));
    const listener = new AudioWorkletNode(context, "listener", { numberOfOutputs: 0 });
    listener.port.onmessage = ({ data }) => this.listening && this.#keep(data);
    source.connect(listener);
    this.#stream = stream;
    this.#context = context;
  }

  #keep(samples) {
    this.#pieces.push(samples);
    this.#length += samples.length;
    if (this.#length >= PIECE * this.#context.sampleRate) this.#sendPiece();
  }

  #sendPiece() {
    const samples = new Float32Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#length = 0;
    if (samples.length) this.send(base64Wav(samples, this.#context.sampleRate));
  }
}

/** The microphone at the phone's rate where the browser resamples it (Firefox does not), else at its own. */
function tap(stream) {
  for (const options of [{ sampleRate: PHONE_RATE }, {}]) {
    const context = new AudioContext(options);
    try {
      return [context, context.createMediaStreamSource(stream)];
    } catch {
      context.close();
    }
  }
  throw new Error("the microphone can't be heard");
}
