import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { dayIn, mergeMessages, notBefore, rowsOf, unsent } = await import("../shared/thread.js");

const message = (id, more = {}) => ({ id, author: "customer", name: null, text: `text ${id}`, buttons: [], created_at: "2026-11-20T10:00:00Z", ...more });
const utc = dayIn("UTC");

test("messages stand in the order of their ids, however they arrive", () => {
  const merged = mergeMessages(mergeMessages([], [message(5), message(9)]), [message(7), message(1)]);
  assert.deepEqual(merged.map(({ id }) => id), [1, 5, 7, 9]);
});

test("the same messages laid over again leave the very same list", () => {
  const known = mergeMessages([], [message(1, { buttons: [{ id: "a", title: "A" }] }), message(2)]);
  assert.equal(mergeMessages(known, structuredClone(known)), known);
  assert.equal(mergeMessages(known, []), known);
});

test("an unsorted batch with doubles in itself is sorted and counted once", () => {
  assert.deepEqual(mergeMessages([], [message(3), message(2), message(3)]).map(({ id }) => id), [2, 3]);
});

test("a late answer does not take back a delivery mark", () => {
  const [only] = mergeMessages([message(1, { status: "read" })], [message(1, { status: "sent" })]);
  assert.equal(only.status, "read");
});

test("a failure is shown even after a message was sent, and a later success too", () => {
  const failed = mergeMessages([message(1, { status: "sent" })], [message(1, { status: "failed", failure: "no number" })]);
  assert.equal(failed[0].status, "failed");
  assert.equal(mergeMessages(failed, [message(1, { status: "delivered", failure: null })])[0].status, "delivered");
});

test("what comes back under its message id is no longer unsent", () => {
  const outbox = [{ message_id: "a" }, { message_id: "b" }];
  assert.deepEqual(unsent(outbox, [message(1, { message_id: "a" })]), [{ message_id: "b" }]);
  assert.equal(unsent(outbox, [message(1)]), outbox);
});

test("a day begins with a separator, in the time zone asked for", () => {
  const late = [message(1, { created_at: "2026-11-21T04:30:00Z" }), message(2, { created_at: "2026-11-21T07:00:00Z" })];
  const days = (zone) => rowsOf(late, dayIn(zone)).filter((row) => row.kind === "day").length;
  assert.equal(days("UTC"), 1);
  assert.equal(days("America/Chicago"), 2);
});

test("a run of one author within five minutes is one group", () => {
  const at = (minute) => ({ created_at: `2026-11-20T10:${minute}:00Z` });
  const rows = rowsOf([message(1, at("00")), message(2, at("04")), message(3, at("20")), message(4, { author: "agent", name: "Maria", ...at("21") })], utc);
  const ends = rows.filter((row) => row.kind === "message").map(({ first, last }) => [first, last]);
  assert.deepEqual(ends, [[true, false], [false, true], [true, true], [true, true]]);
});

test("a group never spans two days", () => {
  const rows = rowsOf([message(1, { created_at: "2026-11-20T23:59:00Z" }), message(2, { created_at: "2026-11-21T00:01:00Z" })], utc);
  assert.deepEqual(rows.map(({ kind }) => kind), ["day", "message", "day", "message"]);
  assert.ok(rows[1].last && rows[3].first);
});

test("a row keeps its key when a message on its way is stored", () => {
  const sending = rowsOf([message(null, { message_id: "a" })], utc)[1];
  assert.equal(rowsOf([message(8, { message_id: "a" })], utc)[1].key, sending.key);
});

test("what is on its way never runs before what was said, whatever our clock shows", () => {
  const said = [message(1, { created_at: "2026-12-01T10:00:00Z" })];
  const times = (entry) => notBefore(said, [entry]).map(({ created_at }) => created_at);
  assert.deepEqual(times({ created_at: "2026-11-20T10:00:00Z" }), ["2026-12-01T10:00:00Z"]);
  assert.deepEqual(times({ created_at: "2026-12-02T10:00:00Z" }), ["2026-12-02T10:00:00Z"]);
  assert.deepEqual(notBefore([], [{ created_at: "2026-11-20T10:00:00Z" }]), [{ created_at: "2026-11-20T10:00:00Z" }]);
});
