// Runs in the browser's audio thread: hands each small piece of the microphone's sound to the page.

class Listener extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel?.length) this.port.postMessage(channel.slice());
    return true;
  }
}

registerProcessor("listener", Listener);
