/** What an agent may do with a conversation, and where it stands. Pure; the server has the last word. */

export const QUEUES = ["waiting", "mine", "with_assistant", "others", "resolved"];

/** What the inbox can show: the queues, the tasks of the departments, and the calendar. */
export const VIEWS = [...QUEUES, "tasks", "calendar"];

/** The queue of a conversation as seen by the agent `me`. */
export function queueOf(conversation, me) {
  if (conversation.state !== "with_agent") return conversation.state;
  return conversation.assigned_to?.id === me ? "mine" : "others";
}

const MOVES = {
  with_assistant: ["take_over", "resolve"],
  waiting: ["accept", "resolve"],
  mine: ["transfer", "return", "resolve"],
  others: [],
  resolved: [],
};

/** Supervisors and administrators may also ask for a person by hand, and settle what another agent holds. */
const OVERSEER_MOVES = { ...MOVES, with_assistant: ["take_over", "request", "resolve"], others: ["transfer", "return", "resolve"] };

/** The moves to offer, the most likely first. */
export const allowedMoves = (conversation, me) => (me.role === "agent" ? MOVES : OVERSEER_MOVES)[queueOf(conversation, me.id)];

/** What sending an answer does first: "accept", "take_over", nothing (null), or "forbidden". */
export function replyMove(conversation, me) {
  const queue = queueOf(conversation, me.id);
  if (queue === "mine") return null;
  if (queue === "waiting") return "accept";
  return queue === "with_assistant" ? "take_over" : "forbidden";
}

/** Where it can be passed on: the departments, and the other agents with those who are there first. */
export function transferTargets(state) {
  const rank = ({ availability, present }) => (present ? { online: 0, busy: 1, offline: 2 }[availability] : 3);
  const agents = state.agents.filter((agent) => agent.id !== state.me.id);
  return { departments: state.departments, agents: agents.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)) };
}

/** The name to show for a customer of whom little may be known. */
export function customerName({ customer, id }) {
  return customer?.name || customer?.email || customer?.phone || `Visitor ${id.slice(-4)}`;
}

const STEPS = [
  [60, 1, "s"],
  [3_600, 60, "min"],
  [86_400, 3_600, "h"],
  [Infinity, 86_400, "d"],
];

/** How long from `iso` to `now` (milliseconds): "now", "12 min", "3 h", "2 d". */
export function ago(iso, now) {
  const seconds = Math.max(0, Math.floor((now - new Date(iso)) / 1_000));
  if (seconds < 10) return "now";
  const [, size, unit] = STEPS.find(([below]) => seconds < below);
  return `${Math.floor(seconds / size)} ${unit}`;
}

const URGENCIES = ["urgent", "high", "normal", "low"];

/** The order of the line: the more urgent first, then who has waited longer. */
export function byPlace(a, b) {
  const rank = ({ urgency }) => URGENCIES.indexOf(urgency ?? "normal");
  return rank(a) - rank(b) || new Date(a.waiting_since) - new Date(b.waiting_since);
}

/** Whole seconds from `now` (milliseconds) until `iso`, never below 0. */
export const secondsLeft = (iso, now) => Math.max(0, Math.ceil((new Date(iso) - now) / 1_000));

/** How a task stands at `now`: "missed", "due" (its time has come) or "later". */
export function standingOf(task, now) {
  if (task.state === "missed") return "missed";
  return new Date(task.due_at) <= now ? "due" : "later";
}

/** How a score from -1 to 1 sounds. */
export const mood = (score) => (score <= -0.3 ? "unhappy" : score >= 0.3 ? "pleased" : "calm");

/** The id `step` places after `current` in `ids`, staying within; without a current one the first or the last. */
export function neighbour(ids, current, step) {
  const at = ids.indexOf(current);
  if (at < 0) return (step > 0 ? ids[0] : ids.at(-1)) ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))];
}

/** The route in the address: `#/waiting/c-17/details` ⇄ `{queue, openId, pane}`; anything unknown is the waiting list. */
export function readRoute(hash) {
  const [queue, id, last] = hash.replace(/^#\/?/u, "").split("/").map(decoded);
  if (!VIEWS.includes(queue)) return { queue: "waiting", openId: null, pane: "list" };
  if (!id) return { queue, openId: null, pane: queue === "calendar" ? "calendar" : "list" };
  return { queue, openId: id, pane: last === "details" ? "details" : "conversation" };
}

export function writeRoute({ queue, openId = null, pane = "conversation" }) {
  return `#/${[queue, openId && encodeURIComponent(openId), openId && pane === "details" && "details"].filter(Boolean).join("/")}`;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
