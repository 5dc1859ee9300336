// The line from one handset to the telephone company: a websocket that comes back by itself.

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 5000;

export class Line {
  #socket = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #closed = false;

  /** `heard(event)` gets each message; `connection(isUp)` each change. */
  constructor(number, heard, connection) {
    this.number = number;
    this.heard = heard;
    this.connection = connection;
    this.#connect();
  }

  /** Sends one request; false if the line is down. */
  send(request) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(request));
    return true;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}/handset/ws?number=${encodeURIComponent(this.number)}`;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.connection(true);
    };
    this.#socket.onmessage = (message) => {
      if (!this.#closed) this.heard(JSON.parse(message.data));
    };
    this.#socket.onclose = () => {
      if (this.#closed) return;
      this.connection(false);
      this.#timer = setTimeout(() => this.#connect(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    };
  }
}
