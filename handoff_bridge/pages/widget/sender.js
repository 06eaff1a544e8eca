/** The outbox on its way to the bridge: one message after the other, each exactly once for the customer. */
import { backoff } from "/shared/backoff.js";
import { Unreachable } from "/shared/http.js";
import { nextToSend } from "./model.js";

const ACCEPT_MS = 8_000;
const TRIES = 5;
const STRANGE_TIMES = 2;

/** A server that does not know us: the token is void, or the conversation is gone. */
export const isStranger = ({ status }) => status === 401 || status === 404;

/** The outcome of a call that got no answer: unknown, so the same `message_id` goes again. */
const NO_ANSWER = { status: null };
const isPassing = ({ status }) => status === 429 || status >= 500;

/**
 * `socket()` gives the live socket or null; `post(entry)` gives `{status, message, visitor}`; `onAccepted(message_id)` hears
 * what has been stored; `onStranger(visitor)` makes us known again. Gives `{pump, answered, lineLost}`: `answered` takes the frames "accepted" and "error".
 */
export function createSender({ store, socket, post, onAccepted, onStranger, sleeper }) {
  const waiting = new Map();
  let isPumping = false;
  let attempt = 0;
  let strangeTimes = 0;

  /** Sends what is pending in the order written; does nothing while it is already at it. */
  async function pump() {
    if (isPumping) return;
    isPumping = true;
    try {
      for (let entry = nextToSend(store.get()); entry; entry = nextToSend(store.get())) {
        await conclude(entry, await deliver(entry));
      }
    } finally {
      isPumping = false;
    }
  }

  async function conclude(entry, outcome) {
    if (outcome.status === 202) {
      attempt = strangeTimes = 0;
      store.dispatch({ type: "accepted", message_id: entry.message_id, id: outcome.id, message: outcome.message });
      onAccepted(entry.message_id);
    } else if (isStranger(outcome) && strangeTimes < STRANGE_TIMES) {
      strangeTimes += 1;
      onStranger(outcome.visitor);
    } else if (outcome === NO_ANSWER || (isPassing(outcome) && attempt < TRIES)) {
      attempt += 1;
      if (outcome === NO_ANSWER) store.dispatch({ type: "line", line: "offline" });
      await sleeper.sleep(backoff(attempt));
    } else {
      attempt = 0;
      store.dispatch({ type: "failed", message_id: entry.message_id });
    }
  }

  /** By the socket while it is live, else by REST; what got lost in the socket goes by REST under the same id. */
  async function deliver(entry) {
    const bySocket = await trySocket(entry);
    if (bySocket) return bySocket;
    try {
      return await post(entry);
    } catch (error) {
      if (error instanceof Unreachable) return NO_ANSWER;
      throw error;
    }
  }

  function trySocket({ message_id, text, button }) {
    return new Promise((resolve) => {
      const settle = (outcome) => {
        clearTimeout(late);
        waiting.delete(message_id);
        resolve(outcome);
      };
      const late = setTimeout(() => settle(null), ACCEPT_MS);
      waiting.set(message_id, settle);
      const sent = socket()?.send({ type: "message", message_id, text, ...(button && { button }) });
      if (!sent) settle(null);
    });
  }

  return {
    pump,
    answered: (frame) => waiting.get(frame.message_id)?.(frame.type === "accepted" ? { status: 202, id: frame.id } : { status: 422 }),
    lineLost() {
      for (const settle of [...waiting.values()]) settle(null);
    },
  };
}
