import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { createBooking } = await import("../inbox/booking_desk.js");

function seated(answer) {
  const told = [];
  const asked = [];
  let opened = 0;
  const api = Object.fromEntries(["book", "moveAppointment", "cancelAppointment", "openings"].map((name) => [name, async (...given) => (asked.push([name, ...given]), answer)]));
  const booking = createBooking({ api, ask: (promise) => promise, tell: (text, tone = "info") => told.push([tone, text]), newId: () => "n-1", reopen: async () => (opened += 1) });
  return { told, asked, booking, opened: () => opened };
}

test("what is booked is told, and the conversation looked at again", async () => {
  const { told, asked, booking, opened } = seated({ status: 200, body: {} });
  assert.equal(await booking.bookAppointment("c-1", "oil_change", "start"), null);
  assert.deepEqual(asked, [["book", "c-1", { service: "oil_change", start: "start", request_id: "n-1" }]]);
  assert.deepEqual([told, opened()], [[["info", "The appointment is booked."]], 1]);
});

test("an opening that somebody else took leaves those that are left", async () => {
  const openings = [{ starts_at: "later" }];
  const { told, booking, opened } = seated({ status: 409, body: { error: { message: "Taken." }, openings } });
  assert.deepEqual(await booking.moveAppointment("c-1", 7, "start"), openings);
  assert.deepEqual([told, opened()], [[["bad", "Taken."]], 0]);
});

test("what is over by now is told as the server says it", async () => {
  const { told, booking, opened } = seated({ status: 409, body: { error: { message: "It has begun." } } });
  assert.equal(await booking.cancelAppointment("c-1", 7), null);
  assert.deepEqual([told, opened()], [[["bad", "It has begun."]], 1]);
});
