// WAV files, as the line takes them: base64 of 16-bit mono.

const PCM = 1; // the WAV format tag that the telephone company reads
const PHONE_RATE = 8000; // hertz

/** Samples from -1 to 1 as a WAV in base64. */
export function base64Wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const write = (at, letters) => [...letters].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((value, at) => view.setInt16(44 + at * 2, Math.max(-1, Math.min(1, value)) * 32767, true));
  return base64(view.buffer);
}

/** A sound file as a WAV in base64: a plain WAV as it is, anything else that the browser knows converted. */
export async function base64OfFile(file) {
  const bytes = await file.arrayBuffer();
  if (isPlainWav(bytes)) return base64(bytes);
  // Decoding in a context of the phone's rate resamples as well.
  const sound = await new OfflineAudioContext(1, 1, PHONE_RATE).decodeAudioData(bytes);
  const mono = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    sound.getChannelData(channel).forEach((value, at) => (mono[at] += value / sound.numberOfChannels));
  }
  return base64Wav(mono, PHONE_RATE);
}

function isPlainWav(bytes) {
  if (bytes.byteLength <= 44) return false;
  const word = (at) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  return word(0) + word(8) + word(12) === "RIFFWAVEfmt " && new DataView(bytes).getUint16(20, true) === PCM;
}

function base64(buffer) {
  const bytes = new Uint8Array(buffer);
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000)); // more would overflow the stack
  }
  return btoa(letters);
}
