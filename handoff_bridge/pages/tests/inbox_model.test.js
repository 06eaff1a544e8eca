import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { attention, inQueue, initial, reduce, shown } = await import("../inbox/model.js");

const ME = { id: 1, name: "Maria", role: "agent", availability: "online" };
const LOGIN = { type: "loggedIn", me: { agent: ME, agents: [ME], departments: [], business: { name: "B", time_zone: "UTC" } } };
const COUNTS = { with_assistant: 0, waiting: 1, mine: 0, others: 0 };

const at = (minute) => `2026-11-20T10:${String(minute).padStart(2, "0")}:00Z`;
const summary = (id, state, more = {}) => ({ id, state, epoch: 1, assigned_to: null, waiting_since: null, updated_at: at(0), unread: 0, last_message: null, ...more });
const waiting = (id, minute) => summary(id, "waiting", { waiting_since: at(minute), updated_at: at(minute) });
const message = (id, more = {}) => ({ id, author: "customer", name: null, text: `text ${id}`, buttons: [], created_at: at(0), status: "sent", ...more });
const after = (...actions) => [LOGIN, ...actions].reduce(reduce, initial());
const conversation = (one) => ({ type: "conversation", conversation: one });
const opened = (id, messages, has_more = false) => ({
  type: "opened",
  id,
  answer: { conversation: summary(id, "waiting", { waiting_since: at(0) }), facts: [], appointments: [], transitions: [], messages, has_more },
});
const ids = (list) => list.map(({ id }) => id);
const run = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

test("who has waited longest stands first, elsewhere the newest", () => {
  const state = after(...[waiting("b", 5), waiting("a", 9), waiting("c", 1), summary("x", "resolved", { updated_at: at(1) }), summary("y", "resolved", { updated_at: at(2) })].map(conversation));
  assert.deepEqual(ids(inQueue(state, "waiting")), ["c", "b", "a"]);
  assert.deepEqual(ids(inQueue(state, "resolved")), ["y", "x"]);
});

test("a conversation that was accepted leaves the line and stands with its holder", () => {
  const taken = summary("a", "with_agent", { epoch: 2, assigned_to: { id: 1, name: "Maria" } });
  const state = after(conversation(waiting("a", 1)), conversation(taken));
  assert.deepEqual(ids(inQueue(state, "waiting")), []);
  assert.deepEqual(ids(inQueue(state, "mine")), ["a"]);
});

test("news that comes late does not undo newer news", () => {
  const taken = summary("a", "with_agent", { epoch: 2, assigned_to: { id: 2, name: "Sam" } });
  const state = after(conversation(taken), conversation(waiting("a", 1)));
  assert.equal(state.conversations.a.state, "with_agent");
});

test("the same news twice changes nothing", () => {
  const once = after(conversation(waiting("a", 1)), opened("a", run(1, 3)));
  const twice = reduce(reduce(once, conversation(waiting("a", 1))), opened("a", run(1, 3)));
  assert.deepEqual(twice, once);
});

test("a full answer to a list drops what is not in it any more", () => {
  const state = after(conversation(waiting("a", 1)), conversation(waiting("b", 2)), { type: "listed", queue: "waiting", conversations: [waiting("b", 2)], counts: COUNTS, more: false, isFirst: true });
  assert.deepEqual(ids(inQueue(state, "waiting")), ["b"]);
});

test("one page of many drops nothing it could not have held", () => {
  const state = after(conversation(waiting("z", 50)), { type: "listed", queue: "waiting", conversations: [waiting("b", 2)], counts: COUNTS, more: true, isFirst: true });
  assert.deepEqual(ids(inQueue(state, "waiting")), ["b", "z"]);
  assert.equal(state.lists.waiting.more, true);
});

test("only a conversation that begins to wait announces itself, and only once", () => {
  const state = after(conversation(waiting("a", 1)), conversation({ ...waiting("a", 1), unread: 1 }));
  assert.deepEqual(state.arrivals, ["a"]);
  assert.deepEqual(reduce(state, { type: "arrivalSeen", id: "a" }).arrivals, []);
  assert.deepEqual(reduce(state, conversation(summary("a", "with_agent", { epoch: 2, assigned_to: { id: 2 } }))).arrivals, []);
});

test("a list that is loaded announces nobody", () => {
  assert.deepEqual(after({ type: "listed", queue: "waiting", conversations: [waiting("a", 1)], counts: COUNTS, more: false, isFirst: true }).arrivals, []);
});

test("an answer shows as pending, then as the message it became, once", () => {
  const entry = { conversation_id: "a", message_id: "m", text: "hello", created_at: at(3) };
  const pending = after(opened("a", run(1, 2)), { type: "queued", entry });
  assert.equal(shown(pending, "a").at(-1).sending, "pending");
  const stored = message(3, { author: "agent", name: "Maria", message_id: "m" });
  const accepted = reduce(pending, { type: "accepted", id: "a", message_id: "m", message: stored });
  const both = reduce(accepted, { type: "messages", id: "a", messages: [stored] });
  for (const state of [accepted, both]) assert.deepEqual(ids(shown(state, "a")), [1, 2, 3]);
});

test("an answer pushed before its own acceptance is not shown twice", () => {
  const entry = { conversation_id: "a", message_id: "m", text: "hello", created_at: at(3) };
  const state = after(opened("a", run(1, 2)), { type: "queued", entry }, { type: "messages", id: "a", messages: [message(3, { author: "agent", message_id: "m" })] });
  assert.deepEqual(ids(shown(state, "a")), [1, 2, 3]);
});

test("a failed answer keeps its words and its reason until it is sent or taken back", () => {
  const entry = { conversation_id: "a", message_id: "m", text: "hello", created_at: at(3) };
  const failed = after(opened("a", []), { type: "queued", entry }, { type: "failed", message_id: "m", reason: "Sam was faster." });
  assert.deepEqual(shown(failed, "a").map(({ text, sending, reason }) => [text, sending, reason]), [["hello", "failed", "Sam was faster."]]);
  assert.equal(reduce(failed, { type: "retried", message_id: "m" }).outbox[0].state, "pending");
  assert.deepEqual(reduce(failed, { type: "discarded", message_id: "m" }).outbox, []);
});

test("answers belong to their own conversation", () => {
  const state = after(opened("a", []), opened("b", []), { type: "queued", entry: { conversation_id: "a", message_id: "m", text: "x", created_at: at(1) } });
  assert.deepEqual(shown(state, "b"), []);
});

test("earlier messages join at the top", () => {
  const state = after(opened("a", run(101, 200), true), { type: "older", id: "a", messages: run(1, 100), hasMore: false });
  assert.equal(shown(state, "a").length, 200);
  assert.equal(shown(state, "a")[0].id, 1);
  assert.equal(state.details.a.hasMore, false);
});

test("asking again keeps the earlier messages already loaded", () => {
  const state = after(opened("a", run(101, 200), true), { type: "older", id: "a", messages: run(1, 100), hasMore: false }, opened("a", run(102, 201), true));
  assert.equal(shown(state, "a").length, 201);
  assert.equal(state.details.a.hasMore, false);
});

test("after a long absence no gap is hidden: the old part goes, and can be loaded again", () => {
  const state = after(opened("a", run(1, 100)), opened("a", run(301, 400), true));
  assert.deepEqual([shown(state, "a")[0].id, shown(state, "a").length], [301, 100]);
  assert.equal(state.details.a.hasMore, true);
});

test("our own accepted answer does not hide a gap before it", () => {
  const stored = message(350, { author: "agent", message_id: "m" });
  const state = after(opened("a", run(1, 100)), { type: "accepted", id: "a", message_id: "m", message: stored }, opened("a", run(301, 400), true));
  assert.equal(shown(state, "a")[0].id, 301);
});

test("a summary that knows of words we were not told marks a gap, which asking again closes", () => {
  const ahead = { ...waiting("a", 1), last_message: message(5), updated_at: at(1) };
  const state = after(opened("a", run(1, 3)), conversation(ahead));
  assert.equal(state.details.a.isBehind, true);
  assert.equal(reduce(state, opened("a", run(1, 5))).details.a.isBehind, false);
  assert.equal(reduce(state, opened("a", run(1, 4))).details.a.isBehind, true); // asked for before the fifth was said
});

test("a summary of words we were told marks no gap", () => {
  const state = after(opened("a", run(1, 3)), { type: "messages", id: "a", messages: [message(4)] }, conversation({ ...waiting("a", 1), last_message: message(4) }));
  assert.equal(state.details.a.isBehind, false);
});

test("what is told after a gap does not hide the gap", () => {
  const ahead = { ...waiting("a", 1), last_message: message(250), updated_at: at(1) };
  const state = after(opened("a", run(1, 100)), conversation(ahead), { type: "messages", id: "a", messages: [message(300)] }, opened("a", run(301, 400), true));
  assert.equal(shown(state, "a")[0].id, 301);
  assert.equal(state.details.a.hasMore, true);
});

test("while the line is down anything may have been said", () => {
  const state = after(opened("a", run(1, 100)), { type: "line", line: "down" }, { type: "messages", id: "a", messages: [message(350)] }, opened("a", run(301, 400), true));
  assert.equal(shown(state, "a")[0].id, 301);
});

test("summaries that come together count as if they came one by one", () => {
  const news = [waiting("a", 1), waiting("b", 2), summary("c", "with_agent", { assigned_to: { id: 2 } })];
  assert.deepEqual(after({ type: "conversations", conversations: news }), after(...news.map(conversation)));
  assert.deepEqual(after({ type: "conversations", conversations: news }).arrivals, ["a", "b"]);
});

test("who has spoken has stopped typing", () => {
  const typing = after(opened("a", []), { type: "typing", id: "a", typing: { author: "customer", name: null } });
  assert.equal(reduce(typing, { type: "messages", id: "a", messages: [message(1)] }).typing.a, null);
});

test("the title counts those who wait and my own unread conversations", () => {
  const mine = summary("m", "with_agent", { assigned_to: { id: 1 }, unread: 3 });
  const others = summary("o", "with_agent", { assigned_to: { id: 2 }, unread: 3 });
  const state = after({ type: "counts", counts: { ...COUNTS, waiting: 2 } }, conversation(mine), conversation(others));
  assert.equal(attention(state), 3);
  assert.equal(attention(reduce(state, { type: "read", id: "m" })), 2);
});

test("logging out forgets everything but the answers not sent", () => {
  const state = after(opened("a", run(1, 3)), { type: "queued", entry: { conversation_id: "a", message_id: "m", text: "x", created_at: at(1) } }, { type: "loggedOut" });
  assert.deepEqual([state.session, state.me, Object.keys(state.details), state.outbox.length], ["out", null, [], 1]);
});

test("my availability changes in the list of agents as well", () => {
  const state = after({ type: "me", agent: { ...ME, availability: "busy" } });
  assert.deepEqual([state.me.availability, state.agents[0].availability], ["busy", "busy"]);
});
