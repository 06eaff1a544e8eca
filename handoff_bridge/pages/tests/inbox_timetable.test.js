import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { createStore } = await import("../shared/store.js");
const { createTimetable } = await import("../inbox/timetable_desk.js");
const { boundsOf, closedIn, columnsOf, firstOf, isOn, mondayOf, placed, shifted, spokenOf } = await import("../inbox/timetable.js");
const { initial, reduce } = await import("../inbox/model.js");
const { readRoute, writeRoute } = await import("../inbox/rules.js");

const at = (time, day = "2026-12-01") => `${day}T${time}:00-06:00`;
const visit = (id, from, to, more = {}) => ({
  id, conversation_id: `c-${id}`, service: "oil change", resources: ["bay_1"], starts_at: at(from), ends_at: at(to), state: "booked", customer: "Dana Whitfield", ...more,
});
const open = (from, to, day) => ({ from: at(from, day), to: at(to, day) });
const page = (more = {}) => ({
  today: "2026-12-01",
  days: [{ date: "2026-12-01", name: "", hours: [open("08:00", "18:00")] }],
  resources: [{ key: "bay_1", name: "Bay 1", hours: [open("08:00", "18:00")] }, { key: "bay_2", name: "Bay 2", hours: [] }],
  appointments: [visit(1, "10:00", "10:30"), visit(2, "10:00", "11:30", { resources: ["bay_2", "bay_1"] })],
  ...more,
});
const lanes = (appointments) => placed({ day: "2026-12-01", appointments }).map(({ appointment, lane, lanes }) => [appointment.id, lane, lanes]);

test("a day has a column for each resource, and an appointment stands in all that it takes", () => {
  const columns = columnsOf(page(), "day");
  assert.deepEqual(columns.map(({ key, appointments }) => [key, appointments.map(({ id }) => id)]), [["bay_1", [1, 2]], ["bay_2", [2]]]);
});

test("a week has a column for each day, with the hours of the resource when it is only one", () => {
  const days = [page().days[0], { date: "2026-12-02", name: "", hours: [open("08:00", "18:00", "2026-12-02")] }];
  const [one, other] = columnsOf(page({ days, resources: [{ key: "bay_1", name: "Bay 1", hours: [open("10:00", "12:00", "2026-12-02")] }] }), "week");
  assert.deepEqual([one.hours, one.appointments.length], [[], 2]);
  assert.deepEqual([other.hours, other.appointments.length], [[open("10:00", "12:00", "2026-12-02")], 0]);
});

test("an appointment over midnight is on both days, one that ends at midnight only on its own", () => {
  const late = visit(1, "23:00", "00:00", { ends_at: at("00:30", "2026-12-02") });
  assert.deepEqual(["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"].map((day) => isOn(late, day)), [false, true, true, false]);
  assert.equal(isOn({ ...late, ends_at: at("00:00", "2026-12-02") }, "2026-12-02"), false);
  assert.deepEqual(placed({ day: "2026-12-02", appointments: [late] }).map(({ from, to }) => [from, to]), [[0, 30]]);
});

test("what overlaps stands side by side, what only touches below", () => {
  assert.deepEqual(lanes([visit(1, "10:00", "11:00"), visit(2, "10:30", "11:30"), visit(3, "11:00", "12:00"), visit(4, "12:00", "12:30")]), [[1, 0, 2], [2, 1, 2], [3, 0, 2], [4, 0, 1]]);
});

test("the hours shown hold opening hours and whatever lies outside of them", () => {
  assert.deepEqual(boundsOf(columnsOf(page(), "day")), [480, 1080]);
  assert.deepEqual(boundsOf(columnsOf(page({ appointments: [visit(1, "18:15", "19:10")] }), "day")), [480, 1200]);
  assert.deepEqual(boundsOf([{ day: "2026-12-01", hours: [], appointments: [] }]), [480, 1080]);
});

test("closed is what lies before, between and after the hours", () => {
  const column = { day: "2026-12-01", hours: [open("09:00", "12:00"), open("13:00", "18:00")] };
  assert.deepEqual(closedIn(column, [480, 1080]), [[480, 540], [720, 780]]);
  assert.deepEqual(closedIn({ ...column, hours: [] }, [480, 1080]), [[480, 1080]]);
});

test("weeks begin on Monday, and days are counted over months and summer time", () => {
  assert.deepEqual(["2026-11-29", "2026-11-30", "2026-12-06"].map(mondayOf), ["2026-11-23", "2026-11-30", "2026-11-30"]);
  assert.deepEqual([shifted("2026-12-31", 1), shifted("2027-03-28", 1), shifted("2026-03-01", -1)], ["2027-01-01", "2027-03-29", "2026-02-28"]);
  assert.deepEqual([firstOf("2026-12-02", "day"), firstOf("2026-12-02", "week")], ["2026-12-02", "2026-11-30"]);
});

test("an appointment is said with its day, times, service, customer and resource", () => {
  assert.equal(spokenOf(visit(1, "14:00", "14:30"), page().resources, "en-GB"), "Tuesday 1 December, 14:00 to 14:30, oil change, Dana Whitfield, Bay 1");
  assert.match(spokenOf(visit(1, "14:00", "14:30", { state: "held", customer: null }), page().resources, "en-GB"), /name not known yet, Bay 1, held, not booked yet$/u);
});

test("the calendar has an address of its own, and so has a conversation opened from it", () => {
  assert.deepEqual(readRoute("#/calendar"), { queue: "calendar", openId: null, pane: "calendar" });
  assert.deepEqual(readRoute(writeRoute({ queue: "calendar", openId: "c-1" })), { queue: "calendar", openId: "c-1", pane: "conversation" });
});

function seated(answer = async () => ({ status: 200, body: page() })) {
  const store = createStore(reduce, { ...initial(), session: "in", me: { id: 1 } });
  const asked = [];
  const api = { calendar: (wanted) => (asked.push(wanted), answer(wanted)) };
  return { store, asked, timetable: createTimetable({ store, api, ask: (promise) => promise }) };
}

test("it begins with the day that the server calls today", async () => {
  const { store, asked, timetable } = seated();
  await timetable.loadCalendar();
  assert.deepEqual(asked.map(({ from, days }) => [from, days]), [[null, 1], ["2026-12-01", 1]]);
  assert.deepEqual([store.get().calendar.status, store.get().calendar.day], ["ready", "2026-12-01"]);
});

test("next and previous go by what is shown, a day or a week from its Monday", async () => {
  const { asked, timetable } = seated();
  await timetable.showCalendar({ day: "2026-12-02" });
  timetable.turnCalendar(1);
  await timetable.showCalendar({ span: "week" });
  timetable.turnCalendar(-1);
  assert.deepEqual(asked.map(({ from, days }) => [from, days]), [["2026-12-02", 1], ["2026-12-03", 1], ["2026-11-30", 7], ["2026-11-23", 7]]);
});

test("of two questions under way only the later one is shown", async () => {
  const waiting = [];
  const { store, timetable } = seated(() => new Promise((resolve) => waiting.push(resolve)));
  const [first, second] = [timetable.showCalendar({ day: "2026-12-01" }), timetable.showCalendar({ day: "2026-12-02" })];
  waiting[1]({ status: 200, body: page({ today: "later" }) });
  waiting[0]({ status: 200, body: page({ today: "earlier" }) });
  await Promise.all([first, second]);
  assert.equal(store.get().calendar.page.today, "later");
});

test("the resources to choose from stay while one of them is chosen", async () => {
  const { store, timetable } = seated(async ({ resource }) => ({ status: 200, body: page(resource ? { resources: [page().resources[0]] } : {}) }));
  await timetable.showCalendar({ day: "2026-12-01" });
  await timetable.showCalendar({ resource: "bay_1" });
  assert.deepEqual(store.get().calendar.choice.map(({ key }) => key), ["bay_1", "bay_2"]);
});

test("a calendar that cannot be loaded says so", async () => {
  const { store, timetable } = seated(async () => ({ status: 503, body: {} }));
  await timetable.showCalendar({ day: "2026-12-01" });
  assert.equal(store.get().calendar.status, "failed");
});
