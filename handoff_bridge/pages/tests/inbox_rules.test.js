import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { ago, allowedMoves, customerName, neighbour, queueOf, readRoute, replyMove, transferTargets, writeRoute } = await import("../inbox/rules.js");

const AGENT = { id: 1, name: "Maria", role: "agent" };
const OVERSEERS = ["supervisor", "administrator"].map((role) => ({ id: 9, name: "Chris", role }));
const conversation = (state, holder = null) => ({ id: "c-1", state, assigned_to: holder && { id: holder, name: "x" } });

test("a conversation stands in the queue its state and its holder say", () => {
  const queues = [conversation("with_assistant"), conversation("waiting"), conversation("with_agent", 1), conversation("with_agent", 2), conversation("resolved")];
  assert.deepEqual(queues.map((one) => queueOf(one, 1)), ["with_assistant", "waiting", "mine", "others", "resolved"]);
});

test("only the moves the table knows are offered", () => {
  assert.deepEqual(allowedMoves(conversation("with_assistant"), AGENT), ["take_over", "resolve"]);
  assert.deepEqual(allowedMoves(conversation("waiting"), AGENT), ["accept", "resolve"]);
  assert.deepEqual(allowedMoves(conversation("with_agent", 1), AGENT), ["transfer", "return", "resolve"]);
  assert.deepEqual(allowedMoves(conversation("resolved"), AGENT), []);
});

test("another agent's conversation is left alone, except by supervisors and administrators", () => {
  assert.deepEqual(allowedMoves(conversation("with_agent", 2), AGENT), []);
  for (const chief of OVERSEERS) assert.deepEqual(allowedMoves(conversation("with_agent", 2), chief), ["transfer", "return", "resolve"]);
});

test("only supervisors and administrators put a conversation in line", () => {
  assert.ok(!allowedMoves(conversation("with_assistant"), AGENT).includes("request"));
  for (const chief of OVERSEERS) assert.ok(allowedMoves(conversation("with_assistant"), chief).includes("request"));
});

test("an answer accepts, takes over, or is not possible", () => {
  assert.equal(replyMove(conversation("waiting"), AGENT), "accept");
  assert.equal(replyMove(conversation("with_assistant"), AGENT), "take_over");
  assert.equal(replyMove(conversation("with_agent", 1), AGENT), null);
  assert.equal(replyMove(conversation("with_agent", 2), AGENT), "forbidden");
  assert.equal(replyMove(conversation("resolved"), AGENT), "forbidden");
});

test("a transfer offers everybody but me, those who are there first", () => {
  const person = (id, name, availability, present) => ({ id, name, availability, present });
  const agents = [AGENT, person(2, "Away", "online", false), person(3, "Busy", "busy", true), person(4, "Zed", "online", true), person(5, "Ann", "online", true)];
  assert.deepEqual(transferTargets({ me: AGENT, agents, departments: [] }).agents.map(({ name }) => name), ["Ann", "Zed", "Busy", "Away"]);
});

test("a customer without a name is shown by what is known", () => {
  const named = (customer) => customerName({ id: "abc-7f2a", customer });
  assert.equal(named({ name: "Anna", email: "a@x" }), "Anna");
  assert.equal(named({ name: null, email: "a@x" }), "a@x");
  assert.equal(named({ name: null, email: null, phone: "+1" }), "+1");
  assert.equal(named({ name: null, email: null, phone: null }), "Visitor 7f2a");
});

test("times ago are short and never negative", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  const at = (iso) => ago(iso, now);
  assert.equal(at("2026-11-20T12:00:30Z"), "now");
  assert.equal(at("2026-11-20T11:59:15Z"), "45 s");
  assert.equal(at("2026-11-20T11:59:00Z"), "1 min");
  assert.equal(at("2026-11-20T09:00:00Z"), "3 h");
  assert.equal(at("2026-11-18T11:00:00Z"), "2 d");
});

test("steps along the list stay within it", () => {
  const ids = ["a", "b", "c"];
  assert.equal(neighbour(ids, "a", 1), "b");
  assert.equal(neighbour(ids, "c", 1), "c");
  assert.equal(neighbour(ids, "a", -1), "a");
  assert.equal(neighbour(ids, null, 1), "a");
  assert.equal(neighbour(ids, "gone", -1), "c");
  assert.equal(neighbour([], null, 1), null);
});

test("the address leads back to where it was written", () => {
  for (const route of [
    { queue: "mine", openId: null, pane: "list" },
    { queue: "waiting", openId: "c-1", pane: "conversation" },
    { queue: "resolved", openId: "a.b_c-1", pane: "details" },
  ]) {
    assert.deepEqual(readRoute(writeRoute(route)), route);
  }
});

test("an address nobody wrote leads to those who wait", () => {
  for (const hash of ["", "#", "#/nonsense/c-1", "#/%E0%A4%A/x"]) assert.equal(readRoute(hash).queue, "waiting");
});
