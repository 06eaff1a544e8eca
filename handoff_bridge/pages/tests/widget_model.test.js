import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { choices, draft, initial, isFresh, lastRead, nextToSend, notice, reduce, shown, unread } = await import("../widget/model.js");

const message = (id, author, text, more = {}) => ({ id, author, name: null, text, buttons: [], created_at: "2026-11-20T10:00:00Z", ...more });
const entry = (message_id, text = "hello") => ({ message_id, text, created_at: "2026-11-20T10:00:00Z" });
const after = (...actions) => actions.reduce(reduce, initial());
const queued = (id, text) => ({ type: "queued", entry: entry(id, text) });
const received = (...messages) => ({ type: "messages", messages });

test("a message goes from pending to stored, and is never there twice", () => {
  const own = message(7, "customer", "hello", { message_id: "a" });
  const states = [queued("a"), { type: "accepted", message_id: "a", id: 7 }, received(own), received(own)];
  for (let n = 1; n <= states.length; n += 1) assert.equal(shown(after(...states.slice(0, n))).length, 1);
  assert.equal(after(...states).outbox.length, 0);
});

test("the stored message may arrive before its acceptance", () => {
  const state = after(queued("a"), received(message(7, "customer", "hello", { message_id: "a" })), { type: "accepted", message_id: "a", id: 7 });
  assert.deepEqual(shown(state).map(({ id }) => id), [7]);
});

test("our own accepted message does not hide what was said before it", () => {
  const state = after(received(message(5, "assistant", "hi")), queued("a"), { type: "accepted", message_id: "a", id: 7 });
  assert.equal(state.upTo, 5);
  assert.deepEqual(reduce(state, received(message(6, "agent", "wait"), message(7, "customer", "hello", { message_id: "a" }))).messages.map(({ id }) => id), [5, 6, 7]);
});

test("the oldest pending message is sent first; a failed one waits for the visitor", () => {
  const state = after(queued("a"), queued("b"), { type: "failed", message_id: "a" });
  assert.equal(nextToSend(state).message_id, "b");
  assert.equal(nextToSend(reduce(state, { type: "retried", message_id: "a" })).message_id, "a");
});

test("starting afresh forgets the conversation and keeps what was not sent, under new ids", () => {
  const state = after({ type: "config", config: { greeting: "Hi" } }, received(message(5, "assistant", "hi")), queued("a", "still here"), { type: "afresh", ids: ["z"] });
  assert.deepEqual(state.messages, []);
  assert.equal(state.upTo, 0);
  assert.equal(state.seen, 0);
  assert.deepEqual(state.outbox.map(({ message_id, text }) => [message_id, text]), [["z", "still here"]]);
  assert.equal(state.config.greeting, "Hi");
});

test("the greeting stands first and suggestions end with the first word", () => {
  const state = after({ type: "config", config: { greeting: "Hi" } });
  assert.ok(isFresh(state));
  assert.equal(shown(state)[0].text, "Hi");
  assert.ok(!isFresh(reduce(state, queued("a"))));
});

const asked = message(5, "assistant", "Which?", { buttons: [{ id: "x", title: "One" }, { id: "y", title: "Two" }] });

test("quick replies are open until the customer says something", () => {
  assert.deepEqual(choices([asked]).get(5), { open: true, chosen: null });
  assert.deepEqual(choices([asked, message(6, "assistant", "Take your time")]).get(5), { open: true, chosen: null });
});

test("a chosen button is marked, whether it is still on its way or read back from the server", () => {
  const onItsWay = { ...entry("a", "Two"), id: null, author: "customer", button: "y", buttons: [] };
  assert.deepEqual(choices([asked, onItsWay]).get(5), { open: false, chosen: "y" });
  assert.deepEqual(choices([asked, message(6, "customer", "Two")]).get(5), { open: false, chosen: "y" });
});

test("words of one's own close the buttons without choosing one", () => {
  assert.deepEqual(choices([asked, message(6, "customer", "Neither")]).get(5), { open: false, chosen: null });
});

test("unread are the words of the other side after what was seen, notices aside", () => {
  const state = after(received(message(1, "assistant", "a"), message(2, "customer", "b"), message(3, "system", "c"), message(4, "agent", "d")));
  assert.equal(unread(state), 2);
  assert.equal(unread(reduce(state, { type: "seen", id: 1 })), 1);
  assert.equal(unread(reduce(reduce(state, { type: "seen", id: 4 }), { type: "seen", id: 1 })), 0);
});

test("an agent's read mark stands at the last message they have read", () => {
  const state = after(received(message(1, "customer", "a"), message(2, "agent", "b"), message(3, "customer", "c")), { type: "read", author: "agent", up_to: 2 });
  assert.equal(lastRead(state), 1);
  assert.equal(lastRead(reduce(state, { type: "read", author: "customer", up_to: 3 })), 1);
});

test("who has spoken has stopped typing", () => {
  const state = after({ type: "typing", author: "agent", name: "Maria", on: true });
  assert.equal(state.typing.name, "Maria");
  assert.equal(reduce(state, received(message(1, "customer", "a"))).typing.name, "Maria");
  assert.equal(reduce(state, received(message(2, "agent", "b"))).typing, null);
});

test("the counter shows near the limit, and counts below zero beyond it", () => {
  assert.deepEqual(draft("hello", 4000), { ready: true, count: null });
  assert.deepEqual(draft("x".repeat(3700), 4000), { ready: true, count: 300 });
  assert.deepEqual(draft("x".repeat(4000), 4000), { ready: true, count: 0 });
  assert.deepEqual(draft("x".repeat(4001), 4000), { ready: false, count: -1 });
  assert.deepEqual(draft("🚗".repeat(4000), 4000), { ready: true, count: 0 });
  assert.deepEqual(draft(" \n ", 4000), { ready: false, count: null });
});

test("the status line says the one thing that matters most", () => {
  const status = (more) => ({ type: "status", status: { state: "with_assistant", agent: null, position: null, wait_seconds: null, assistant: "ok", ...more } });
  assert.equal(notice(after(status({}))), null);
  assert.deepEqual(notice(after(status({ assistant: "slow" }))), { kind: "slow" });
  assert.deepEqual(notice(after(status({ state: "waiting", position: 2, wait_seconds: { low: 30, high: 400 } }))), { kind: "waiting", position: 2, wait: { low: 1, high: 7 } });
  assert.deepEqual(notice(after(status({ state: "waiting", position: 1 }))), { kind: "waiting", position: 1, wait: null });
  assert.deepEqual(notice(after(status({ state: "with_agent", agent: "Maria" }))), { kind: "withAgent", agent: "Maria" });
  assert.deepEqual(notice(after(status({ state: "waiting" }), { type: "line", line: "offline" })), { kind: "offline" });
});

test("an action nobody knows is an error", () => {
  assert.throws(() => reduce(initial(), { type: "nonsense" }), /unknown action/u);
});
