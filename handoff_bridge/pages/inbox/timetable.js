/** The calendar's arithmetic: days, columns, and where an appointment is drawn. Pure; times are the business's, as the server writes them. */

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
const USUAL = [8 * 60, 18 * 60]; // shown of a day when nobody is there

export const SPANS = { day: 1, week: 7 };

/** The local day of a time with its offset. */
export const dayOf = (iso) => iso.slice(0, 10);

/** Minutes since the local midnight, as the clock on the wall shows it. */
export const minutesOf = (iso) => Number(iso.slice(11, 13)) * 60 + Number(iso.slice(14, 16));

/** The time of day as people read it, in the language of the browser. */
export function timeOf(iso, language) {
  return new Date(`${iso.slice(0, 16)}Z`).toLocaleTimeString(language, { timeZone: "UTC", hour: "numeric", minute: "2-digit" });
}

/** A day in words: `{weekday: "long", …}` as in `Intl.DateTimeFormat`. */
export const dayName = (day, format, language) => new Date(`${day}T00:00Z`).toLocaleDateString(language, { timeZone: "UTC", ...format });

export const shifted = (day, days) => new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The Monday of the day's week. */
export const mondayOf = (day) => shifted(day, -((new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7));

/** The first day to show so that `day` is among those shown. */
export const firstOf = (day, span) => (span === "week" ? mondayOf(day) : day);

/** What stands side by side: on a day the resources, in a week the days. Each has `hours` and `appointments`. */
export function columnsOf(page, span) {
  if (span === "day") {
    const taking = (key) => page.appointments.filter((one) => one.resources.includes(key));
    return page.resources.map(({ key, name, hours }) => ({ key, day: page.days[0].date, name, hours, appointments: taking(key) }));
  }
  return page.days.map(({ date, name, hours }) => ({
    key: date, day: date, name, appointments: page.appointments.filter((one) => isOn(one, date)),
    hours: page.resources.length === 1 ? page.resources[0].hours.filter((range) => dayOf(range.from) === date) : hours,
  }));
}

/** Whether any of an appointment is on the day; one that ends at midnight is not on the next. */
export const isOn = ({ starts_at, ends_at }, day) => dayOf(starts_at) <= day && (dayOf(ends_at) > day || (dayOf(ends_at) === day && minutesOf(ends_at) > 0));

/** From and to in minutes of `day`, cut at its midnights. */
export function within(from, to, day) {
  return [dayOf(from) < day ? 0 : minutesOf(from), dayOf(to) > day ? DAY_MINUTES : minutesOf(to)];
}

/** The full hours, in minutes, that hold everything that the columns have: `[first, last]`. */
export function boundsOf(columns) {
  const ranges = columns.flatMap(({ day, hours, appointments }) => [
    ...hours.map(({ from, to }) => within(from, to, day)),
    ...appointments.map(({ starts_at, ends_at }) => within(starts_at, ends_at, day)),
  ]);
  if (ranges.length === 0) return USUAL;
  const first = Math.min(...ranges.map(([from]) => from));
  const last = Math.max(...ranges.map(([, to]) => to));
  return [Math.floor(first / 60) * 60, Math.ceil(last / 60) * 60];
}

/** A column's appointments with their minutes, side by side where they overlap: `{appointment, from, to, lane, lanes}`. */
export function placed({ appointments, day }) {
  const items = appointments.map((appointment) => {
    const [from, to] = within(appointment.starts_at, appointment.ends_at, day);
    return { appointment, from, to };
  });
  items.sort((a, b) => a.from - b.from || a.to - b.to || a.appointment.id - b.appointment.id);
  return groupsOf(items).flatMap(laned);
}

/** Stretches of items that overlap each other, directly or through others. */
function groupsOf(items) {
  const groups = [];
  let end = -1;
  for (const item of items) {
    if (item.from >= end) groups.push([]);
    groups.at(-1).push(item);
    end = Math.max(end, item.to);
  }
  return groups;
}

/** Each item in the first lane that is free when it begins. */
function laned(group) {
  const ends = [];
  const lanes = group.map(({ from, to }) => {
    const free = ends.findIndex((end) => end <= from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = to;
    return lane;
  });
  return group.map((item, at) => ({ ...item, lane: lanes[at], lanes: ends.length }));
}

/** The columns' hours that are closed, between the bounds, as pairs of minutes. */
export function closedIn({ hours, day }, [first, last]) {
  const open = hours.map(({ from, to }) => within(from, to, day)).sort((a, b) => a[0] - b[0]);
  const edges = [first, ...open.flat(), last];
  const pairs = edges.flatMap((edge, at) => (at % 2 === 0 ? [[edge, edges[at + 1]]] : []));
  return pairs.filter(([from, to]) => from < to);
}

/** What a screen reader says of an appointment. */
export function spokenOf(appointment, resources, language) {
  const { starts_at, ends_at, service, customer, state } = appointment;
  const names = appointment.resources.map((key) => resources.find((one) => one.key === key)?.name ?? key);
  const when = `${dayName(dayOf(starts_at), { weekday: "long", day: "numeric", month: "long" }, language)}, ${timeOf(starts_at, language)} to ${timeOf(ends_at, language)}`;
  return [when, service, customer ?? "name not known yet", ...names, state === "held" && "held, not booked yet"].filter(Boolean).join(", ");
}
