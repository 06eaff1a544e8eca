import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { createStore } = await import("../shared/store.js");
const { createDuties } = await import("../inbox/duties.js");
const { initial, inQueue, reduce } = await import("../inbox/model.js");
const { byPlace, mood, readRoute, secondsLeft, standingOf, writeRoute } = await import("../inbox/rules.js");

const NOW = new Date("2026-11-21T10:00:00Z").getTime();
const summary = (more = {}) => ({
  id: "c-1", state: "waiting", epoch: 4, urgency: "normal", assigned_to: null, waiting_since: "2026-11-21T09:00:00Z", updated_at: "2026-11-21T09:00:00Z",
  customer: { name: "Anna", email: null, phone: null }, last_message: null, ...more,
});
const offer = (more) => ({ conversation: summary(more), offered_at: "2026-11-21T10:00:00Z", until: "2026-11-21T10:00:30Z" });
const error = (message) => ({ error: { code: "offer_over", message } });

function seated(answers) {
  const me = { id: 1, name: "Maria", role: "agent" };
  const store = createStore(reduce, { ...initial(), session: "in", me });
  const asked = [];
  const told = [];
  const api = Object.fromEntries(
    ["offers", "answerOffer", "tasks", "endTask", "contact"].map((name) => [
      name,
      async (...given) => {
        asked.push([name, ...given]);
        return answers[name] ?? { status: 200, body: { offers: [], tasks: [] } };
      },
    ]),
  );
  const conversationsAre = (conversations) => store.dispatch({ type: "conversations", conversations });
  const duties = createDuties({ store, api, ask: (promise) => promise, tell: (text, tone) => told.push([tone, text]), conversationsAre });
  return { store, asked, told, duties };
}

test("what is offered is shown, and its conversation known", async () => {
  const { store, duties } = seated({ offers: { status: 200, body: { offers: [offer()] } } });
  await duties.loadOffers();
  assert.equal(store.get().offers.length, 1);
  assert.equal(store.get().conversations["c-1"].customer.name, "Anna");
});

test("an accepted offer leaves at once and the conversation is mine", async () => {
  const mine = summary({ state: "with_agent", epoch: 5, assigned_to: { id: 1, name: "Maria" } });
  const { store, asked, duties } = seated({ answerOffer: { status: 200, body: { conversation: mine } } });
  store.dispatch({ type: "offers", offers: [offer()] });
  assert.equal(await duties.answerOffer("c-1", "accept"), true);
  assert.deepEqual(asked[0], ["answerOffer", "c-1", "accept"]);
  assert.deepEqual([store.get().offers, inQueue(store.get(), "mine").length], [[], 1]);
});

test("an offer that ran out is told as the server says it", async () => {
  const { store, told, duties } = seated({ answerOffer: { status: 409, body: error("It went to Sam.") } });
  store.dispatch({ type: "offers", offers: [offer()] });
  assert.equal(await duties.answerOffer("c-1", "accept"), false);
  assert.deepEqual(told, [["bad", "It went to Sam."]]);
  assert.deepEqual(store.get().offers, []);
});

test("a task that is done is asked for again, so that it leaves the list", async () => {
  const { store, asked, duties } = seated({});
  store.dispatch({ type: "tasks", tasks: [{ id: 7 }] });
  await duties.endTask(7, "done");
  assert.deepEqual(asked, [["endTask", 7, "done"], ["tasks"]]);
  assert.deepEqual(store.get().tasks, { status: "ready", list: [] });
});

test("tasks that cannot be loaded say so, unless there are some to show", async () => {
  const { store, duties } = seated({ tasks: { status: 503, body: error("no") } });
  await duties.loadTasks();
  assert.equal(store.get().tasks.status, "failed");
  store.dispatch({ type: "tasks", tasks: [{ id: 7 }] });
  await duties.loadTasks();
  assert.deepEqual(store.get().tasks, { status: "ready", list: [{ id: 7 }] });
});

test("what is wrong with a customer's data is given back to the form", async () => {
  const { duties } = seated({ contact: { status: 422, body: error("That is no e-mail address.") } });
  assert.equal(await duties.keepContact("c-1", { email: "x" }), "That is no e-mail address.");
});

test("corrected data shows at once", async () => {
  const { store, duties } = seated({ contact: { status: 200, body: { conversation: summary({ customer: { name: "Anna Lee" } }) } } });
  assert.equal(await duties.keepContact("c-1", { name: "Anna Lee" }), null);
  assert.equal(store.get().conversations["c-1"].customer.name, "Anna Lee");
});

test("the line stands by urgency, then by who has waited longer", () => {
  const line = [
    summary({ id: "late", waiting_since: "2026-11-21T09:50:00Z" }),
    summary({ id: "early" }),
    summary({ id: "urgent", urgency: "urgent", waiting_since: "2026-11-21T09:59:00Z" }),
    summary({ id: "low", urgency: "low", waiting_since: "2026-11-21T08:00:00Z" }),
  ];
  assert.deepEqual(line.sort(byPlace).map((one) => one.id), ["urgent", "early", "late", "low"]);
});

test("a task is later, then due, and missed only when the server says so", () => {
  const at = (due_at, state = "open") => standingOf({ due_at, state }, NOW);
  assert.equal(at("2026-11-21T10:00:01Z"), "later");
  assert.equal(at("2026-11-21T10:00:00Z"), "due");
  assert.equal(at("2026-11-21T09:00:00Z", "missed"), "missed");
});

test("an offer counts down to nothing and not below", () => {
  assert.equal(secondsLeft("2026-11-21T10:00:29.2Z", NOW), 30);
  assert.equal(secondsLeft("2026-11-21T09:59:00Z", NOW), 0);
});

test("a mood has a word only where it is plain", () => assert.deepEqual([-0.9, -0.2, 0, 0.5].map(mood), ["unhappy", "calm", "calm", "pleased"]));

test("the tasks have an address of their own", () => {
  assert.deepEqual(readRoute("#/tasks/c-1"), { queue: "tasks", openId: "c-1", pane: "conversation" });
  assert.equal(writeRoute({ queue: "tasks" }), "#/tasks");
});
