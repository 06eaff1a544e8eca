import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { createStore } = await import("../shared/store.js");
const { Unreachable } = await import("../shared/http.js");
const { createDesk } = await import("../inbox/desk.js");
const { initial, inQueue, reduce, shown } = await import("../inbox/model.js");

const MARIA = { id: 1, name: "Maria", role: "agent", availability: "online", present: true };
const NO_COUNTS = { with_assistant: 0, waiting: 0, mine: 0, others: 0 };
const summary = (more = {}) => ({
  id: "c-1", state: "waiting", epoch: 4, assigned_to: null, waiting_since: "2026-11-20T10:00:00Z", updated_at: "2026-11-20T10:00:00Z",
  unread: 0, last_message: null, customer: { name: "Anna", email: null, phone: null }, ...more,
});
const said = (id, more = {}) => ({ id, author: "customer", name: null, text: `text ${id}`, buttons: [], created_at: "2026-11-20T10:00:00Z", status: "sent", ...more });
const error = (code, message) => ({ error: { code, message } });

/** An API whose every answer can be replaced, and which keeps what it was asked. */
function fakeApi(answers = {}) {
  const asked = [];
  const defaults = {
    me: { status: 200, body: { agent: MARIA, agents: [MARIA], departments: [], business: { name: "B", time_zone: "UTC" } } },
    login: { status: 200, body: {} },
    logout: { status: 204, body: null },
    conversations: { status: 200, body: { conversations: [summary()], counts: NO_COUNTS } },
    conversation: { status: 200, body: { conversation: summary(), facts: [], appointments: [], transitions: [], messages: [said(1)], has_more: false } },
    messagesBefore: { status: 200, body: { messages: [], has_more: false } },
    move: { status: 200, body: { conversation: summary({ state: "with_agent", epoch: 5, assigned_to: { id: 1, name: "Maria" } }) } },
    offers: { status: 200, body: { offers: [] } },
    answerOffer: { status: 200, body: { conversation: summary({ state: "with_agent", epoch: 5, assigned_to: { id: 1, name: "Maria" } }) } },
    tasks: { status: 200, body: { tasks: [] } },
    endTask: { status: 200, body: { task: {} } },
    contact: { status: 200, body: { conversation: summary({ customer: { name: "Anna Lee", email: null, phone: null } }) } },
    reply: { status: 201, body: { message: said(2, { author: "agent", name: "Maria" }) } },
  };
  const api = { asked, answers: { ...defaults, ...answers } };
  for (const name of [...Object.keys(defaults), "typing", "read", "availability"]) {
    api[name] = async (...given) => {
      asked.push([name, ...given]);
      const answer = api.answers[name] ?? { status: 204, body: null };
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer(...given) : answer;
    };
  }
  return api;
}

const settled = async () => {
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
};

async function seated(context, answers) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const api = fakeApi(answers);
  const store = createStore(reduce, initial());
  const line = {};
  let ids = 0;
  const send = (frame) => line.sent.push(frame) > 0;
  const openSocket = (options) => Object.assign(line, options, { closed: false, sent: [] }) && { send, wake() {}, close: () => { line.closed = true; } };
  const sleeper = { sleep: () => new Promise((resolve) => { line.wake = resolve; }), wake() {} };
  const desk = createDesk({ store, api, openSocket, sleeper, newId: () => `m-${(ids += 1)}` });
  desk.go({ queue: "waiting", openId: "c-1" });
  await desk.start();
  await settled();
  line.onState("live");
  return { api, desk, line, store, get: store.get };
}

const outbox = ({ get }) => get().outbox.map(({ text, state, reason }) => [text, state, reason]);

test("after the log-in the list and the conversation of the address are there", async (t) => {
  const { get } = await seated(t);
  assert.equal(get().session, "in");
  assert.deepEqual(inQueue(get(), "waiting").map(({ id }) => id), ["c-1"]);
  assert.deepEqual(shown(get(), "c-1").map(({ id }) => id), [1]);
});

test("an accepted conversation is mine, and the move names the epoch it was seen under", async (t) => {
  const { api, desk, get } = await seated(t);
  assert.equal(await desk.move("c-1", "accept"), true);
  assert.deepEqual(api.asked.at(-1), ["move", "c-1", { move: "accept", epoch: 4 }]);
  assert.equal(inQueue(get(), "mine").length, 1);
});

test("who was faster is told, and the conversation shown as it now is", async (t) => {
  const taken = summary({ state: "with_agent", epoch: 5, assigned_to: { id: 2, name: "Sam" } });
  const { desk, get } = await seated(t, { move: { status: 409, body: { ...error("already_moved", "Sam was faster."), conversation: taken } } });
  assert.equal(await desk.move("c-1", "accept"), false);
  assert.deepEqual([get().notice.text, get().notice.tone], ["Sam was faster.", "bad"]);
  assert.equal(inQueue(get(), "others").length, 1);
});

test("an answer that is not accepted stays with its reason and goes again under the same id", async (t) => {
  const seat = await seated(t, { reply: { status: 409, body: error("already_moved", "Sam holds it.") } });
  seat.desk.reply("c-1", "hello");
  await settled();
  assert.deepEqual(outbox(seat), [["hello", "failed", "Sam holds it."]]);
  seat.api.answers.reply = { status: 201, body: { message: said(2, { author: "agent", name: "Maria" }) } };
  seat.desk.retry("m-1");
  await settled();
  assert.deepEqual(outbox(seat), []);
  assert.deepEqual(seat.api.asked.filter(([name]) => name === "reply").map(([, , id]) => id), ["m-1", "m-1"]);
});

test("an answer without a reply from the server fails and can be taken back", async (t) => {
  const seat = await seated(t, { reply: new Unreachable() });
  seat.desk.reply("c-1", "hello");
  await settled();
  assert.equal(outbox(seat)[0][1], "failed");
  assert.equal(seat.desk.discard("m-1"), "hello");
  assert.deepEqual(outbox(seat), []);
});

test("answers leave one after the other, in the order written", async (t) => {
  const open = [];
  const seat = await seated(t, { reply: () => new Promise((resolve) => open.push(resolve)) });
  seat.desk.reply("c-1", "one");
  seat.desk.reply("c-1", "two");
  await settled();
  assert.equal(open.length, 1);
  open[0]({ status: 201, body: { message: said(2) } });
  await settled();
  assert.equal(open.length, 2);
  assert.deepEqual(seat.api.asked.filter(([name]) => name === "reply").map(([, , , text]) => text), ["one", "two"]);
});

test("a line that came back asks again for offers, tasks, the list and the conversation", async (t) => {
  const { api, line } = await seated(t);
  line.onState("down");
  line.onState("connecting");
  await settled();
  const before = api.asked.length;
  line.onState("live");
  await settled();
  assert.deepEqual(api.asked.slice(before).map(([name]) => name), ["me", "offers", "tasks", "conversations", "conversation"]);
});

test("a session that is over leads to the log-in", async (t) => {
  const { api, desk, line, get } = await seated(t);
  api.answers.move = { status: 401, body: error("not_logged_in", "x") };
  await desk.move("c-1", "accept");
  assert.equal(get().session, "out");
  assert.equal(line.closed, true);
});

test("a socket that is refused finds out whether the session is over", async (t) => {
  const { api, line, get } = await seated(t);
  api.answers.me = { status: 401, body: error("not_logged_in", "x") };
  line.onRefused();
  await settled();
  assert.equal(get().session, "out");
});

test("a server that does not answer at the start is asked until it does", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const api = fakeApi({ me: new Unreachable() });
  const store = createStore(reduce, initial());
  let wake;
  const desk = createDesk({ store, api, newId: () => "x", openSocket: () => ({ close() {}, send: () => true }), sleeper: { sleep: () => new Promise((resolve) => { wake = resolve; }), wake() {} } });
  desk.start();
  await settled();
  assert.equal(store.get().session, "unknown");
  api.answers.me = fakeApi().answers.me;
  wake();
  await settled();
  assert.equal(store.get().session, "in");
});

test("a wrong password says so and stays at the log-in", async (t) => {
  const { api, desk } = await seated(t);
  api.answers.login = { status: 401, body: error("login_failed", "no") };
  assert.deepEqual(await desk.login("a@b.example", "x"), { status: 401, message: "no" });
});

test("pushed messages show at once, and the facts are asked for when the talk pauses", async (t) => {
  const { api, line, get } = await seated(t);
  line.onFrame({ type: "message", conversation_id: "c-1", message: said(2) });
  line.onFrame({ type: "message", conversation_id: "c-1", message: said(3) });
  assert.deepEqual(shown(get(), "c-1").map(({ id }) => id), [1, 2, 3]);
  const before = api.asked.length;
  t.mock.timers.tick(500);
  await settled();
  assert.deepEqual(api.asked.slice(before).map(([name]) => name), ["conversation"]);
});

test("the page says which conversation it has open, and says it again on a new line", async (t) => {
  const { desk, line } = await seated(t);
  const watched = () => line.sent.filter(({ type }) => type === "watch").map(({ conversation_id }) => conversation_id);
  assert.deepEqual(watched(), ["c-1"]);
  desk.go({ queue: "waiting", openId: "c-2" });
  desk.go({ queue: "mine", openId: "c-2" });
  desk.go({ queue: "mine", openId: null });
  assert.deepEqual(watched(), ["c-1", "c-2", null]);
  desk.go({ queue: "mine", openId: "c-3" });
  line.onState("down");
  line.onState("live");
  assert.deepEqual(watched(), ["c-1", "c-2", null, "c-3", "c-3"]);
});

test("summaries that come together are all shown, and one that just began to wait announces itself", async (t) => {
  const { line, get } = await seated(t);
  line.onFrame({ type: "conversations", conversations: [summary({ id: "c-2" }), summary({ unread: 2, updated_at: "2026-11-20T10:05:00Z" })] });
  assert.deepEqual(inQueue(get(), "waiting").map(({ id, unread }) => [id, unread]), [["c-1", 2], ["c-2", 0]]);
  assert.deepEqual(get().arrivals, ["c-2"]);
});

test("counts that come with summaries are shown, and stay when none come", async (t) => {
  const { line, get } = await seated(t);
  const counts = { with_assistant: 3, waiting: 2, mine: 1, others: 0 };
  line.onFrame({ type: "conversations", conversations: [summary({ id: "c-2" })], counts });
  line.onFrame({ type: "conversations", conversations: [summary({ id: "c-2", unread: 1 })] });
  assert.deepEqual(get().counts, counts);
});

test("an open conversation with more said than the page was told is asked for again", async (t) => {
  const { api, line } = await seated(t);
  const before = api.asked.length;
  line.onFrame({ type: "conversations", conversations: [summary({ last_message: said(1) })] });
  t.mock.timers.tick(500);
  await settled();
  assert.equal(api.asked.length, before);
  line.onFrame({ type: "conversations", conversations: [summary({ last_message: said(4) })] });
  t.mock.timers.tick(500);
  await settled();
  assert.deepEqual(api.asked.slice(before).map(([name]) => name), ["conversation"]);
});

test("messages of a conversation nobody has opened are not gathered", async (t) => {
  const { line, get } = await seated(t);
  line.onFrame({ type: "message", conversation_id: "c-9", message: said(2) });
  assert.equal(get().details["c-9"], undefined);
});

test("a typing mark that is never taken back ends by itself", async (t) => {
  const { line, get } = await seated(t);
  line.onFrame({ type: "typing", conversation_id: "c-1", author: "customer", name: null, on: true });
  assert.equal(get().typing["c-1"].author, "customer");
  t.mock.timers.tick(8_000);
  assert.equal(get().typing["c-1"], null);
});

test("earlier messages are asked for once at a time and only while there are more", async (t) => {
  const { api, desk, store } = await seated(t);
  await desk.older("c-1");
  assert.equal(api.asked.filter(([name]) => name === "messagesBefore").length, 0);
  store.dispatch({ type: "older", id: "c-1", messages: [], hasMore: true });
  desk.older("c-1");
  desk.older("c-1");
  await settled();
  assert.deepEqual(api.asked.filter(([name]) => name === "messagesBefore"), [["messagesBefore", "c-1", 1]]);
});
