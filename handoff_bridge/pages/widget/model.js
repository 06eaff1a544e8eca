/** The widget's state and every rule of it. Pure: `now` and ids come in with the action. */
import { lastId, mergeMessages, notBefore, unsent } from "/shared/thread.js";
import { length } from "/shared/text.js";

const COUNTER_FROM = 0.9;

/** The id of the greeting, which is no stored message. */
export const GREETING = 0;

/**
 * `outbox` holds `{message_id, text, button, created_at, state: "pending"|"failed"}` in the order written; `seen` is the
 * last message id the visitor has looked at; `readUpTo` the last one an agent has; `line` is the connection. `upTo` is the
 * last id received as part of the history: a message of our own is known by id before what was said just before it arrives.
 */
export const initial = (kept = {}) => ({
  config: null,
  messages: [],
  upTo: 0,
  outbox: kept.outbox ?? [],
  status: null,
  typing: null,
  line: "idle",
  seen: kept.seen ?? 0,
  readUpTo: 0,
  loaded: false,
});

export function reduce(state, action) {
  switch (action.type) {
    case "config":
      return { ...state, config: action.config };
    case "messages":
      return { ...received(state, action.messages), upTo: Math.max(state.upTo, lastId(action.messages)) };
    case "loaded":
      return { ...state, loaded: true };
    case "status":
      return { ...state, status: action.status };
    case "typing":
      return { ...state, typing: action.on ? { author: action.author, name: action.name } : null };
    case "read":
      return action.author === "customer" ? state : { ...state, readUpTo: Math.max(state.readUpTo, action.up_to) };
    case "line":
      return action.line === state.line ? state : { ...state, line: action.line };
    case "queued":
      return { ...state, outbox: [...state.outbox, { ...action.entry, state: "pending" }] };
    case "accepted":
      return accepted(state, action);
    case "failed":
      return entryBecomes(state, action.message_id, "failed");
    case "retried":
      return entryBecomes(state, action.message_id, "pending");
    case "seen":
      return action.id > state.seen ? { ...state, seen: action.id } : state;
    case "afresh":
      return { ...initial(), config: state.config, line: state.line, outbox: state.outbox.map((entry, i) => ({ ...entry, message_id: action.ids[i] })) };
    default:
      throw new Error(`unknown action ${action.type}`);
  }
}

function received(state, incoming) {
  const messages = mergeMessages(state.messages, incoming);
  const spoke = incoming.some((message) => message.author === state.typing?.author);
  return { ...state, messages, outbox: unsent(state.outbox, messages), typing: spoke ? null : state.typing };
}

/** The server has stored it: from now on it is a message like any other. */
function accepted(state, { message_id, id, message }) {
  const entry = state.outbox.find((one) => one.message_id === message_id);
  if (!entry) return state;
  const { text, created_at } = entry;
  return received(state, [message ?? { id, author: "customer", name: null, text, buttons: [], created_at, message_id }]);
}

const entryBecomes = (state, message_id, now) => ({
  ...state,
  outbox: state.outbox.map((entry) => (entry.message_id === message_id ? { ...entry, state: now } : entry)),
});

/** The next entry to send: the oldest pending one; entries that failed wait for the visitor. */
export const nextToSend = (state) => state.outbox.find((entry) => entry.state === "pending") ?? null;

/** Everything to draw, oldest first: the greeting, the messages, then what is on its way (marked by `sending`). */
export function shown(state) {
  const greeting = state.config && {
    id: GREETING, author: "assistant", name: null, text: state.config.greeting, buttons: [],
    created_at: state.messages[0]?.created_at ?? state.outbox[0]?.created_at ?? null,
  };
  const own = notBefore(state.messages, state.outbox).map((entry) => ({ ...entry, id: null, author: "customer", name: null, buttons: [], sending: entry.state }));
  return [...(greeting ? [greeting] : []), ...state.messages, ...own];
}

/** Whether the visitor still has to say the first word. */
export const isFresh = (state) => state.messages.length === 0 && state.outbox.length === 0;

/**
 * The buttons of each message that has some, by message id: `{open, chosen}`. They are open until the customer says
 * anything later; `chosen` is the id of the button that was taken, if one was.
 */
export function choices(messages) {
  const found = new Map();
  let pending = [];
  for (const message of messages) {
    if (message.author === "customer") {
      for (const asked of pending) found.set(asked.id, { open: false, chosen: takenBy(asked, message) });
      pending = [];
    } else if (message.buttons?.length) {
      pending.push(message);
    }
  }
  for (const asked of pending) found.set(asked.id, { open: true, chosen: null });
  return found;
}

const takenBy = (asked, answer) => asked.buttons.find((button) => (answer.button ? button.id === answer.button : button.title === answer.text))?.id ?? null;

/** How many messages of the other side the visitor has not seen; notices do not count. */
export const unread = (state) => state.messages.filter((message) => message.id > state.seen && ["assistant", "agent"].includes(message.author)).length;

/** The last message of the visitor that an agent has read, or null. */
export function lastRead(state) {
  const own = state.messages.filter((message) => message.author === "customer" && message.id <= state.readUpTo);
  return own.length ? lastId(own) : null;
}

/** What the composer may do with `text`: `{ready, count}`; `count` is the characters left once it gets tight, else null. */
export function draft(text, limit) {
  const used = length(text.trim());
  return { ready: used > 0 && used <= limit, count: used > limit * COUNTER_FROM ? limit - used : null };
}

/**
 * The one thing worth saying above the conversation: `{kind, …}` or null. Trouble with the connection comes first.
 * Waiting times are whole minutes, at least one.
 */
export function notice(state) {
  const { line, status } = state;
  if (line === "offline") return { kind: "offline" };
  if (status?.state === "waiting") return { kind: "waiting", position: status.position, wait: minutes(status.wait_seconds) };
  if (status?.state === "with_agent" && status.agent) return { kind: "withAgent", agent: status.agent };
  if (status?.state === "resolved") return { kind: "resolved" };
  if (status?.assistant === "slow") return { kind: "slow" };
  return null;
}

function minutes(seconds) {
  if (!seconds) return null;
  const low = Math.max(1, Math.floor(seconds.low / 60));
  return { low, high: Math.max(low, Math.ceil(seconds.high / 60)) };
}
