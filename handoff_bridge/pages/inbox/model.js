/** The inbox's state and how it changes. Pure: `now` and ids come in with the action; laying the same news over it twice changes nothing. */
import { lastId, mergeMessages, notBefore, unsent } from "/shared/thread.js";
import { byPlace, queueOf } from "./rules.js";

const ARRIVALS = 5;

export const initial = (kept = {}) => ({
  session: "unknown", // unknown, out, in
  me: null,
  agents: [],
  departments: [],
  business: null,
  queue: "waiting",
  openId: null,
  conversations: {}, // summaries by id
  lists: {}, // by queue: {status: loading|ready|failed, more}
  counts: { with_assistant: 0, waiting: 0, mine: 0, others: 0 },
  details: {}, // by conversation: {status, facts, appointments, transitions, handoff, messages, upTo, isBehind, hasMore, isLoadingOlder}
  outbox: kept.outbox ?? [], // {conversation_id, message_id, text, created_at, state: pending|failed, reason}
  typing: {}, // by conversation: {author, name}
  line: "connecting", // connecting, live, down
  arrivals: [], // ids of conversations that have just begun to wait, newest last
  offers: [], // {conversation: summary, offered_at, until}: mine to answer
  tasks: { status: "loading", list: [] }, // of my departments, by when they are due
  calendar: { status: "loading", day: null, span: "day", department: "", resource: "", page: null, shownSpan: "day", choice: [] }, // what is wanted, the page last shown with its span, and the resources to choose from
  explains: false, // whether each customer message shows what was understood
  notice: null, // {key, tone: info|bad, text}
});

const HANDLERS = {
  loggedIn: (state, { me }) => ({ ...state, session: "in", me: me.agent, agents: me.agents, departments: me.departments, business: me.business }),
  knocked: (state) => ({ ...state, session: "unknown" }),
  loggedOut: (state) => ({ ...initial({ outbox: state.outbox }), session: "out" }),
  agents: (state, { agents }) => ({ ...state, agents, me: agents.find((agent) => agent.id === state.me?.id) ?? state.me }),
  me: (state, { agent }) => ({ ...state, me: agent, agents: state.agents.map((one) => (one.id === agent.id ? agent : one)) }),
  line: (state, { line }) => (line === state.line ? state : { ...state, line, details: line === "down" ? allBehind(state.details) : state.details }),
  went: (state, { queue, openId }) => ({ ...state, queue, openId }),
  counts: (state, { counts }) => ({ ...state, counts }),
  listing: (state, { queue }) => ({ ...state, lists: { ...state.lists, [queue]: { more: false, ...state.lists[queue], status: "loading" } } }),
  listFailed: (state, { queue }) => ({ ...state, lists: { ...state.lists, [queue]: { more: false, ...state.lists[queue], status: "failed" } } }),
  listed,
  conversation: pushedSummary,
  conversations: (state, { conversations }) => conversations.reduce((now, conversation) => pushedSummary(now, { conversation }), state),
  arrivalSeen: (state, { id }) => ({ ...state, arrivals: state.arrivals.filter((one) => one !== id) }),
  opening: (state, { id }) => detail(state, id, (kept) => ({ ...kept, status: kept.status === "ready" ? "ready" : "loading" })),
  openFailed: (state, { id }) => detail(state, id, (kept) => ({ ...kept, status: kept.status === "ready" ? "ready" : "failed" })),
  opened,
  loadingOlder: (state, { id, on }) => detail(state, id, (kept) => ({ ...kept, isLoadingOlder: on })),
  older: (state, { id, messages, hasMore }) => detail(received(state, id, messages), id, (kept) => ({ ...kept, hasMore, isLoadingOlder: false })),
  messages: (state, { id, messages }) => pushed(received(state, id, messages), id, messages),
  read: (state, { id }) => (state.conversations[id]?.unread ? withConversation(state, { ...state.conversations[id], unread: 0 }) : state),
  typing: (state, { id, typing }) => ({ ...state, typing: { ...state.typing, [id]: typing } }),
  queued: (state, { entry }) => ({ ...state, outbox: [...state.outbox, { ...entry, state: "pending", reason: null }] }),
  accepted: (state, { id, message_id, message }) => received({ ...state, outbox: without(state.outbox, message_id) }, id, [message]),
  failed: (state, { message_id, reason }) => entryBecomes(state, message_id, { state: "failed", reason }),
  retried: (state, { message_id }) => entryBecomes(state, message_id, { state: "pending", reason: null }),
  discarded: (state, { message_id }) => ({ ...state, outbox: without(state.outbox, message_id) }),
  offers: (state, { offers }) => ({ ...laid(state, offers.map((one) => one.conversation)), offers }),
  offerGone: (state, { id }) => ({ ...state, offers: state.offers.filter((one) => one.conversation.id !== id) }),
  tasks: (state, { tasks }) => ({ ...state, tasks: { status: "ready", list: tasks } }),
  tasksFailed: (state) => ({ ...state, tasks: { ...state.tasks, status: state.tasks.status === "ready" ? "ready" : "failed" } }),
  calendarShows: (state, { changes }) => ({ ...state, calendar: { ...state.calendar, ...changes, status: "loading" } }),
  calendar: (state, { page, span }) => {
    const choice = state.calendar.resource ? state.calendar.choice : page.resources;
    return { ...state, calendar: { ...state.calendar, status: "ready", page, shownSpan: span, choice } };
  },
  calendarFailed: (state) => ({ ...state, calendar: { ...state.calendar, status: "failed" } }),
  explains: (state, { on }) => ({ ...state, explains: on }),
  notice: (state, { notice }) => ({ ...state, notice }),
};

/** The state after `action`; an action nobody knows is a mistake of ours. */
export function reduce(state, action) {
  const handler = HANDLERS[action.type];
  if (!handler) throw new Error(`unknown action ${action.type}`);
  return handler(state, action);
}

/** A page of a queue. The first page is the whole truth about its span: what we believed there and is not in it has left. */
function listed(state, { queue, conversations, counts, more, isFirst }) {
  const ids = new Set(conversations.map((one) => one.id));
  const known = isFirst && !more ? Object.values(state.conversations).filter((one) => ids.has(one.id) || queueOf(one, state.me.id) !== queue) : null;
  const base = known ? { ...state, conversations: Object.fromEntries(known.map((one) => [one.id, one])) } : state;
  return { ...laid(base, conversations), counts, lists: { ...state.lists, [queue]: { status: "ready", more } } };
}

function laid(state, conversations) {
  return conversations.reduce(withConversation, state);
}

function pushedSummary(state, { conversation }) {
  return arrivalOf(state, conversation, laid(state, [conversation]));
}

/** A summary counts unless we hold a newer one. */
function withConversation(state, conversation) {
  const { id } = conversation;
  const known = state.conversations[id];
  if (known && isOlder(conversation, known)) return state;
  const next = { ...state, conversations: { ...state.conversations, [id]: conversation } };
  return isGap(conversation, state.details[id]) ? detail(next, id, (kept) => ({ ...kept, isBehind: true })) : next;
}

/** A summary may know of words that we were not told: we are told all of them only where we take part. */
const isGap = (conversation, kept) => Boolean(kept && !kept.isBehind && conversation?.last_message?.id > kept.upTo);

const allBehind = (details) => Object.fromEntries(Object.entries(details).map(([id, kept]) => [id, { ...kept, isBehind: true }]));

const isOlder = (a, b) => a.epoch < b.epoch || (a.epoch === b.epoch && new Date(a.updated_at) < new Date(b.updated_at));

/** A conversation that was not waiting and now is announces itself. */
function arrivalOf(before, conversation, state) {
  const now = state.conversations[conversation.id];
  const isNew = now.state === "waiting" && before.conversations[conversation.id]?.state !== "waiting";
  if (isNew) return { ...state, arrivals: [...state.arrivals.filter((id) => id !== now.id), now.id].slice(-ARRIVALS) };
  return now.state === "waiting" ? state : { ...state, arrivals: state.arrivals.filter((id) => id !== now.id) };
}

const NOTHING = { status: "loading", facts: [], appointments: [], transitions: [], handoff: null, messages: [], upTo: 0, isBehind: false, hasMore: false, isLoadingOlder: false };

function detail(state, id, change) {
  return { ...state, details: { ...state.details, [id]: change(state.details[id] ?? NOTHING) } };
}

/** The answer to "this conversation, please": a gap between what we held and its hundred messages is closed by dropping the old part. */
function opened(state, { id, answer }) {
  const { facts, appointments, transitions, messages, handoff = null } = answer;
  const known = withConversation(state, answer.conversation);
  const base = detail(known, id, (kept) => {
    const touches = kept.messages.length > 0 && messages.length > 0 && messages[0].id <= kept.upTo;
    const held = touches || messages.length === 0 ? kept.messages : [];
    const hasMore = touches ? kept.hasMore : answer.has_more;
    const upTo = Math.max(kept.upTo, lastId(messages));
    const isBehind = isGap(known.conversations[id], { upTo });
    return { ...kept, status: "ready", facts, appointments, transitions, handoff, messages: held, hasMore, upTo, isBehind };
  });
  return received(base, id, messages);
}

function received(state, id, messages) {
  const next = detail(state, id, (kept) => ({ ...kept, messages: mergeMessages(kept.messages, messages) }));
  return { ...next, outbox: unsent(state.outbox, messages) };
}

/** What the line brings goes up to `upTo`, unless something before it is missing; whoever has spoken has stopped typing. */
function pushed(state, id, messages) {
  const next = detail(state, id, (kept) => (kept.isBehind ? kept : { ...kept, upTo: Math.max(kept.upTo, lastId(messages)) }));
  const spoke = messages.some((message) => message.author === state.typing[id]?.author);
  return spoke ? { ...next, typing: { ...next.typing, [id]: null } } : next;
}

const without = (outbox, message_id) => outbox.filter((entry) => entry.message_id !== message_id);

const entryBecomes = (state, message_id, changes) => ({
  ...state,
  outbox: state.outbox.map((entry) => (entry.message_id === message_id ? { ...entry, ...changes } : entry)),
});

/** The conversations of a queue in its order: the line by urgency and age, elsewhere the newest first. */
export function inQueue(state, queue) {
  const mine = Object.values(state.conversations).filter((one) => queueOf(one, state.me.id) === queue);
  const order = queue === "waiting" ? byPlace : (a, b) => new Date(b.updated_at) - new Date(a.updated_at);
  return mine.sort((a, b) => order(a, b) || (a.id < b.id ? -1 : 1));
}

/** What to draw of a conversation: its messages, then our answers on their way (marked by `sending`). */
export function shown(state, id) {
  const messages = state.details[id]?.messages ?? [];
  const own = notBefore(messages, state.outbox.filter((entry) => entry.conversation_id === id));
  return [...messages, ...own.map((entry) => ({ ...entry, id: null, author: "agent", name: state.me.name, buttons: [], sending: entry.state }))];
}

/** The number for the page's title: who waits, and who of mine has written something unread. */
export function attention(state) {
  const unread = Object.values(state.conversations).filter((one) => one.unread > 0 && queueOf(one, state.me?.id) === "mine");
  return state.counts.waiting + unread.length;
}
