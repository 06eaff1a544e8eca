import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { createStore } = await import("../shared/store.js");
const { Unreachable } = await import("../shared/http.js");
const { createClient } = await import("../widget/client.js");
const { createIdentity } = await import("../widget/identity.js");
const { initial, reduce, shown } = await import("../widget/model.js");

const STATUS = { state: "with_assistant", agent: null, position: null, wait_seconds: null, assistant: "ok" };

/** The bridge as far as a visitor sees it: what is stored once is stored once. */
class FakeBridge {
  visitors = new Map();
  isUp = true;
  answersGetLost = 0;
  refuses = null;
  lastId = 0;
  posts = 0;

  async call(method, url, { body, headers = {} } = {}) {
    if (!this.isUp) throw new Unreachable(url);
    if (url.includes("/config")) return { status: 200, body: { greeting: "Hi", suggestions: [], language: "en" } };
    const token = headers.Authorization?.slice("Bearer ".length) ?? null;
    const answer = method === "POST" ? this.post(body, token) : this.get(new URL(url, "http://x").searchParams, token);
    if (this.answersGetLost > 0) {
      this.answersGetLost -= 1;
      throw new Unreachable(url);
    }
    return answer;
  }

  post({ visitor_id, message_id, text }, token) {
    this.posts += 1;
    if (this.refuses) return { status: this.refuses, body: { error: { code: "no", message: "no" } } };
    const known = this.visitors.get(visitor_id);
    if (!known && token) return { status: 404, body: null };
    if (known && token !== known.token && message_id !== known.first) return { status: 401, body: null };
    const visitor = known ?? { token: `token-${visitor_id}`, first: message_id, messages: [], line: null };
    this.visitors.set(visitor_id, visitor);
    const message = this.store(visitor, message_id, text);
    return { status: 202, body: { conversation_id: "c", message, ...(token ? {} : { visitor_token: visitor.token }) } };
  }

  get(query, token) {
    const visitor = this.visitors.get(query.get("visitor_id"));
    if (!visitor) return { status: 404, body: null };
    if (visitor.token !== token) return { status: 401, body: null };
    return { status: 200, body: { messages: visitor.messages.filter(({ id }) => id > Number(query.get("after"))).slice(0, 200), status: STATUS } };
  }

  store(visitor, message_id, text, author = "customer") {
    const before = visitor.messages.find((message) => message.message_id === message_id);
    if (before) return before;
    this.lastId += 1;
    const message = { id: this.lastId, author, name: null, text, buttons: [], created_at: "2026-11-20T10:00:00Z", ...(author === "customer" && { message_id }) };
    visitor.messages.push(message);
    return message;
  }

  /** What `openSocket` gives: the test says when the line is live, and whether it loses the next message after storing it. */
  open({ path, hello, onFrame, onState, onRefused }) {
    const visitor = this.visitors.get(new URLSearchParams(path.split("?")[1]).get("visitor_id"));
    const line = { losesNext: false, live: () => onState("live"), cut: () => onState("down"), refuse: onRefused, hello };
    if (visitor) visitor.line = line;
    const take = ({ type, message_id, text }) => {
      if (type !== "message") return true;
      const { id } = this.store(visitor, message_id, text);
      if (line.losesNext) queueMicrotask(() => onState("down"));
      else queueMicrotask(() => onFrame({ type: "accepted", message_id, id, conversation_id: "c" }));
      return true;
    };
    return { send: take, wake() {}, close() {} };
  }
}

function memory() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
}

/** A tab with the widget in it. Pauses end at once, but only while the test lets them. */
function tab(context, bridge, storage = memory()) {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  let ids = 0;
  const name = Math.random().toString(36).slice(2);
  const newId = () => `${name}-${(ids += 1)}`;
  const identity = createIdentity(storage, newId);
  const store = createStore(reduce, initial(identity.get()));
  const pauses = [];
  const sleeper = { sleep: () => new Promise((resolve) => pauses.push(resolve)), wake: () => pauses.splice(0).forEach((resolve) => resolve()) };
  const client = createClient({ store, identity, newId, language: "en", sleeper, call: (...request) => bridge.call(...request), openSocket: (options) => bridge.open(options) });
  const line = () => bridge.visitors.get(identity.get().visitor_id).line;
  return { client, store, identity, sleeper, line, storage, texts: () => shown(store.get()).slice(1).map(({ text }) => text) };
}

/** Lets everything that is ready to go on go on. */
const settled = async () => {
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
};

const stored = (bridge, { identity }) => bridge.visitors.get(identity.get().visitor_id).messages.map(({ text }) => text);

test("the first message brings the token, and the next ones carry it", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("one");
  page.client.say("two");
  await settled();
  assert.deepEqual(stored(bridge, page), ["one", "two"]);
  assert.equal(bridge.posts, 2);
  assert.ok(page.identity.get().token);
});

test("a socket that dies while sending leaves exactly one message", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("one");
  await settled();
  page.line().live();
  page.line().losesNext = true;
  page.client.say("two");
  await settled();
  assert.deepEqual(stored(bridge, page), ["one", "two"]);
  assert.deepEqual(page.texts(), ["one", "two"]);
  assert.deepEqual(page.store.get().outbox, []);
});

test("what follows a message lost in the socket does not wait for it", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("one");
  await settled();
  page.line().live();
  page.line().losesNext = true;
  page.client.say("two");
  page.client.say("three");
  await settled();
  assert.deepEqual(stored(bridge, page), ["one", "two", "three"]);
});

test("a lost answer to the very first message still ends in one message and a token", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  await settled();
  bridge.answersGetLost = 1;
  page.client.say("one");
  await settled();
  assert.equal(page.store.get().outbox[0].state, "pending");
  page.sleeper.wake();
  await settled();
  assert.deepEqual(stored(bridge, page), ["one"]);
  assert.ok(page.identity.get().token);
});

test("what is written without a connection is sent in order when it is back", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  bridge.isUp = false;
  page.client.start();
  page.client.say("one");
  page.client.say("two");
  await settled();
  assert.equal(page.store.get().line, "offline");
  bridge.isUp = true;
  page.client.wake();
  await settled();
  assert.deepEqual(stored(bridge, page), ["one", "two"]);
});

test("a message the server does not accept fails, and the next one goes on", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  bridge.refuses = 422;
  page.client.say("bad");
  await settled();
  bridge.refuses = null;
  page.client.say("good");
  await settled();
  assert.deepEqual(page.store.get().outbox.map(({ state, text }) => [state, text]), [["failed", "bad"]]);
  assert.deepEqual(stored(bridge, page), ["good"]);
});

test("a server in trouble is tried a few times before the message counts as failed", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  bridge.refuses = 503;
  page.client.say("one");
  for (let i = 0; i < 5; i += 1) {
    await settled();
    assert.equal(page.store.get().outbox[0].state, "pending");
    page.sleeper.wake();
  }
  await settled();
  assert.equal(page.store.get().outbox[0].state, "failed");
  bridge.refuses = null;
  page.client.retry(page.store.get().outbox[0].message_id);
  await settled();
  assert.deepEqual(stored(bridge, page), ["one"]);
});

test("a reload keeps the conversation", async (t) => {
  const bridge = new FakeBridge();
  const storage = memory();
  const page = tab(t, bridge, storage);
  page.client.start();
  page.client.say("one");
  await settled();
  t.mock.timers.reset();
  const again = tab(t, bridge, storage);
  again.client.start();
  await settled();
  assert.deepEqual(again.texts(), ["one"]);
});

test("a visitor the server has forgotten starts afresh and loses no word", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("old");
  await settled();
  const before = page.identity.get().visitor_id;
  bridge.visitors.clear();
  page.client.say("new");
  const [{ message_id }] = page.store.get().outbox;
  await settled();
  assert.notEqual(page.store.get().messages[0].message_id, message_id);
  assert.notEqual(page.identity.get().visitor_id, before);
  assert.deepEqual(page.texts(), ["new"]);
  assert.deepEqual(stored(bridge, page), ["new"]);
});

test("a socket that is refused starts afresh too", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("old");
  await settled();
  const before = page.identity.get().visitor_id;
  page.line().refuse();
  await settled();
  assert.notEqual(page.identity.get().visitor_id, before);
  assert.deepEqual(page.texts(), []);
});

test("the second tab joins the conversation that the first has begun", async (t) => {
  const bridge = new FakeBridge();
  const storage = memory();
  const first = tab(t, bridge, storage);
  t.mock.timers.reset();
  first.identity.keep({});
  const second = tab(t, bridge, storage);
  first.client.start();
  second.client.start();
  first.client.say("one");
  await settled();
  second.client.adopt();
  await settled();
  assert.deepEqual(second.texts(), ["one"]);
  second.client.say("two");
  await settled();
  assert.deepEqual(stored(bridge, first), ["one", "two"]);
});

test("a live line greets with what it already holds", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("one");
  await settled();
  assert.equal(page.line().hello().after, 1);
});

test("after a line came back, what was missed is asked for", async (t) => {
  const bridge = new FakeBridge();
  const page = tab(t, bridge);
  page.client.start();
  page.client.say("one");
  await settled();
  page.line().live();
  page.line().cut();
  bridge.store(bridge.visitors.get(page.identity.get().visitor_id), "m", "missed", "assistant");
  page.line().live();
  await settled();
  assert.deepEqual(page.texts(), ["one", "missed"]);
});
