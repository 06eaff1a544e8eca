/** A WebSocket with JSON frames that comes back by itself. */
import { backoff } from "/shared/backoff.js";

const STEADY_MS = 10_000;
const REFUSED = 4401;

/** The address of a WebSocket on our own host. */
export const socketUrl = (path, at = globalThis.location) => `${at.protocol === "https:" ? "wss" : "ws"}://${at.host}${path}`;

/**
 * Opens a socket and keeps it open.
 *
 * `hello()` gives the first frame or null. `beat` is `{frame, every, answered}`: sent every so many milliseconds; when
 * `answered`, a silence of two beats counts as a dead connection. `onState` hears "connecting", "live" and "down";
 * `onRefused` hears that the server does not know us, after which nothing is tried again.
 * Gives `{send(frame) -> bool, wake(), close()}`.
 */
export function openSocket({ url, hello, beat, onFrame, onState, onRefused, Socket = globalThis.WebSocket, random = Math.random, now = Date.now }) {
  let socket = null;
  let attempt = 0;
  let openedAt = 0;
  let heardAt = 0;
  let retry = null;
  let beats = null;
  let wanted = true;

  function dial() {
    retry = null;
    onState("connecting");
    const dialled = new Socket(url);
    socket = dialled;
    dialled.onopen = () => dialled === socket && greet();
    dialled.onmessage = (event) => dialled === socket && hear(event.data);
    dialled.onclose = (event) => dialled === socket && hangUp(event.code);
  }

  function greet() {
    openedAt = heardAt = now();
    const first = hello?.();
    if (first) send(first);
    if (beat) beats = setInterval(pulse, beat.every);
    onState("live");
  }

  function hear(data) {
    heardAt = now();
    onFrame(JSON.parse(data));
  }

  function pulse() {
    if (beat.answered && now() - heardAt > 2 * beat.every) drop();
    else send(beat.frame);
  }

  /** A dead connection may take minutes to close: leave it at once. */
  function drop() {
    const dead = socket;
    hangUp(1006);
    dead.close();
  }

  function hangUp(code) {
    clearInterval(beats);
    socket = null;
    if (!wanted) return;
    onState("down");
    if (code === REFUSED) {
      wanted = false;
      onRefused?.();
      return;
    }
    attempt = openedAt && now() - openedAt > STEADY_MS ? 1 : attempt + 1;
    openedAt = 0;
    retry = setTimeout(dial, backoff(attempt, random));
  }

  /** Sends a frame if the line is open; says whether it was. */
  function send(frame) {
    if (socket?.readyState !== 1) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network is back or the page is looked at again: do not wait out the pause. */
  function wake() {
    if (retry === null) return;
    clearTimeout(retry);
    dial();
  }

  function close() {
    wanted = false;
    clearTimeout(retry);
    clearInterval(beats);
    socket?.close();
    socket = null;
  }

  dial();
  return { send, wake, close };
}
