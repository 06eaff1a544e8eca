/** Messages of one conversation in order, without doubles, cut into days and groups. Pure. */

const RANK = { pending: 0, sent: 1, delivered: 2, read: 3 };
const GROUP_MS = 5 * 60_000;

/** `known` with `incoming` laid over it: by `id`, ascending. Gives `known` itself when nothing is new. */
export function mergeMessages(known, incoming) {
  const lastId = known.length ? known[known.length - 1].id : -Infinity;
  const rising = incoming.every((message, i) => message.id > (i ? incoming[i - 1].id : lastId));
  if (rising) return incoming.length ? [...known, ...incoming] : known;
  const byId = new Map(known.map((message) => [message.id, message]));
  let changed = false;
  for (const message of incoming) {
    const before = byId.get(message.id);
    const after = before ? newer(before, message) : message;
    if (after === before) continue;
    byId.set(message.id, after);
    changed = true;
  }
  return changed ? [...byId.values()].sort((a, b) => a.id - b.id) : known;
}

/** A late answer must not take back a delivery mark; a failure and what follows it may. */
function newer(before, after) {
  const status = RANK[after.status] < RANK[before.status] ? before.status : after.status;
  const joined = { ...before, ...after, status };
  return Object.keys(joined).every((key) => same(joined[key], before[key])) ? before : joined;
}

const same = (a, b) => a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));

/** The last id, or 0. */
export const lastId = (messages) => (messages.length ? messages[messages.length - 1].id : 0);

/** What is still unsent: entries whose message has not come back under the same `message_id`. */
export function unsent(outbox, messages) {
  const back = new Set(messages.map((message) => message.message_id).filter(Boolean));
  return outbox.some((entry) => back.has(entry.message_id)) ? outbox.filter((entry) => !back.has(entry.message_id)) : outbox;
}

/**
 * What to draw: `{kind: "day", key, at}` where a day begins, and `{kind: "message", key, message, first, last}`, where
 * `first` and `last` tell the ends of a run of one author. `dayOf(date)` names the day in the reader's time zone.
 */
export function rowsOf(messages, dayOf) {
  const rows = [];
  let day = null;
  messages.forEach((message, i) => {
    const key = message.message_id ?? `m${message.id}`;
    const today = dayOf(new Date(message.created_at));
    const follows = today === day && joined(messages[i - 1], message);
    if (today !== day) rows.push({ kind: "day", key: `day-${key}`, at: message.created_at });
    if (!follows && rows.length) markEnd(rows);
    rows.push({ kind: "message", key, message, first: !follows, last: false });
    day = today;
  });
  markEnd(rows);
  return rows;
}

function markEnd(rows) {
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    if (rows[i].kind !== "message") continue;
    rows[i].last = true;
    return;
  }
}

/** `entries` on their way, to be drawn after `messages`: our clock may lag behind the server's, the thread must not run backwards. */
export function notBefore(messages, entries) {
  const latest = messages.at(-1)?.created_at;
  return entries.map((entry) => (latest && new Date(entry.created_at) < new Date(latest) ? { ...entry, created_at: latest } : entry));
}

function joined(before, after) {
  const gap = new Date(after.created_at) - new Date(before.created_at);
  return before.author === after.author && before.name === after.name && gap < GROUP_MS;
}

/** A function naming the day of a date in a time zone (the reader's own when undefined), as YYYY-MM-DD. */
export function dayIn(timeZone) {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return (date) => format.format(date);
}
