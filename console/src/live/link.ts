import { backoff, type LiveEvent, type Position, read, START } from "./protocol";

/** `live`: events arrive. `connecting`: first try or a retry is under way. `down`: we ask by ourselves instead. */
export type LinkState = "connecting" | "live" | "down";

export interface LinkCallbacks {
  state(state: LinkState): void;
  event(event: LiveEvent): void;
  /** Something may have been missed. */
  resync(): void;
  /** The cookie ended; the link tries again once `retry` is called. */
  signedOut(): void;
}

/** No frame for this long (heartbeats come every 15 s) means a dead link that nobody closed. */
const SILENCE_MS = 40_000;
const CODE_SIGNED_OUT = 4001;

/** The one socket of the page. Reconnects by itself, goes on after the last frame it has seen. */
export class LiveLink {
  #socket: WebSocket | null = null;
  #position: Position = START;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #silence: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;
  #wasLive = false;
  readonly #on: LinkCallbacks;
  readonly #url: string;

  constructor(url: string, on: LinkCallbacks) {
    this.#url = url;
    this.#on = on;
  }

  start(): void {
    this.#stopped = false;
    addEventListener("online", this.retry);
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    removeEventListener("online", this.retry);
    this.#clear();
    this.#socket?.close();
    this.#socket = null;
  }

  /** Tries at once, without waiting for the next turn. */
  retry = (): void => {
    if (this.#stopped || this.#socket) return;
    this.#tries = 0;
    this.#open();
  };

  #open(): void {
    this.#clear();
    const since = this.#position.seq === 0 ? "" : `?since=${this.#position.seq}`;
    const socket = new WebSocket(`${this.#url}${since}`);
    this.#socket = socket;
    socket.onopen = () => this.#listen(socket);
    socket.onmessage = (frame) => this.#frame(String(frame.data), socket);
    socket.onclose = (close) => this.#closed(socket, close.code);
  }

  #frame(text: string, socket: WebSocket): void {
    this.#listen(socket);
    const reading = read(text, this.#position);
    this.#position = reading.position;
    if (reading.kind === "link" && reading.source === "disconnected") {
      this.#on.state("down");
      return;
    }
    this.#live();
    if (reading.kind === "resync") this.#on.resync();
    if ((reading.kind === "event" || reading.kind === "resync") && reading.event)
      this.#on.event(reading.event);
  }

  #live(): void {
    if (this.#tries > 0 && this.#wasLive) this.#on.resync();
    this.#tries = 0;
    this.#wasLive = true;
    this.#on.state("live");
  }

  #listen(socket: WebSocket): void {
    if (this.#silence) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => socket.close(), SILENCE_MS);
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    if (this.#stopped) return;
    this.#on.state("down");
    if (code === CODE_SIGNED_OUT) {
      this.#on.signedOut();
      return;
    }
    this.#timer = setTimeout(() => this.#open(), backoff(this.#tries, Math.random()));
    this.#tries += 1;
  }

  #clear(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#silence) clearTimeout(this.#silence);
    this.#timer = null;
    this.#silence = null;
  }
}
