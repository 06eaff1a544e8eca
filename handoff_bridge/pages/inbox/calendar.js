/** The calendar: who comes when. A day has a column for each resource, a week one for each day. */
import { html, useEffect, useMemo } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { boundsOf, closedIn, columnsOf, dayName, placed, spokenOf, timeOf } from "./timetable.js";
import { writeRoute } from "./rules.js";

const REFRESH_MS = 60_000;
const HOUR_PX = 76;

export function Calendar({ state, desk }) {
  const { page, status, shownSpan } = state.calendar;
  useEffect(() => {
    desk.loadCalendar();
    const timer = setInterval(() => document.hidden || desk.loadCalendar(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<main class="pane calendar" tabindex="-1" aria-label="Calendar" aria-busy=${status === "loading"}>
    <${Head} state=${state} desk=${desk} />
    ${status === "failed" && html`<div class="nothing" role="alert"><p>The calendar could not be loaded.</p><button type="button" class="button" onClick=${desk.loadCalendar}>Try again</button></div>`}
    ${!page && status === "loading" && html`<p class="nothing soft">Loading…</p>`}
    ${page && status !== "failed" && html`<${Grid} page=${page} span=${shownSpan} />`}
  </main>`;
}

function Head({ state, desk }) {
  const { calendar, departments } = state;
  const { day, span, department, resource, page, choice } = calendar;
  const title = page ? titleOf(page.days) : "Calendar";
  return html`<header class="calendar-head">
    <a class="button quiet square narrow-only" href=${writeRoute({ queue: "waiting" })} aria-label="Back to the queues"><${Icon} name="back" /></a>
    <h2 aria-live="polite">${title}</h2>
    <div class="calendar-turns" role="group" aria-label="Days shown">
      <button type="button" class="button square" aria-label=${`Previous ${span}`} title=${`Previous ${span} (←)`} disabled=${!day} onClick=${() => desk.turnCalendar(-1)}><${Icon} name="earlier" /></button>
      <button type="button" class="button" onClick=${desk.calendarToday}>Today</button>
      <button type="button" class="button square" aria-label=${`Next ${span}`} title=${`Next ${span} (→)`} disabled=${!day} onClick=${() => desk.turnCalendar(1)}><${Icon} name="later" /></button>
    </div>
    <div class="calendar-choices">
      <${Choice} label="View" value=${span} options=${[["day", "Day"], ["week", "Week"]]} onChoose=${(value) => desk.showCalendar({ span: value })} />
      <${Choice} label="Department" value=${department} options=${[["", "All departments"], ...departments.map(({ key, name }) => [key, name])]} onChoose=${(value) => desk.showCalendar({ department: value, resource: "" })} />
      <${Choice} label="Resource" value=${resource} options=${[["", "All resources"], ...choice.map(({ key, name }) => [key, name])]} onChoose=${(value) => desk.showCalendar({ resource: value })} />
    </div>
  </header>`;
}

const Choice = ({ label, value, options, onChoose }) => html`<label><span class="unseen">${label}</span>
  <select value=${value} onChange=${(event) => onChoose(event.target.value)}>${options.map(([key, name]) => html`<option key=${key} value=${key} selected=${key === value}>${name}</option>`)}</select>
</label>`;

function titleOf(days) {
  const [first, last] = [days[0].date, days.at(-1).date];
  if (first === last) return dayName(first, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const format = new Intl.DateTimeFormat(undefined, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
  return format.formatRange(new Date(`${first}T00:00Z`), new Date(`${last}T00:00Z`));
}

function Grid({ page, span }) {
  const columns = useMemo(() => columnsOf(page, span), [page, span]);
  const bounds = useMemo(() => boundsOf(columns), [columns]);
  if (columns.length === 0) return html`<p class="nothing soft">Nothing can be booked in this department.</p>`;
  const [first, last] = bounds;
  const hours = Array.from({ length: (last - first) / 60 }, (_, at) => first + at * 60);
  const style = `--columns: ${columns.length}; --hours: ${hours.length}; --hour: ${HOUR_PX}px`;
  return html`<div class=${`calendar-scroll by-${span}`} tabindex="0" role="region" aria-label="Appointments">
    <div class="calendar-grid" style=${style}>
      <ol class="calendar-hours" aria-hidden="true">${hours.map((minutes) => html`<li key=${minutes}><span>${timeOf(clock(minutes))}</span></li>`)}</ol>
      ${columns.map((column) => html`<${Column} key=${column.key} column=${column} bounds=${bounds} span=${span} page=${page} />`)}
    </div>
  </div>`;
}

const clock = (minutes) => `2000-01-01T${String(Math.floor(minutes / 60)).padStart(2, "0")}:00`;

function Column({ column, bounds, span, page }) {
  const items = placed(column);
  const isToday = column.day === page.today;
  const id = `column-${column.key}`;
  return html`<section class=${`calendar-column ${isToday ? "today" : ""}`} aria-labelledby=${id}>
    <h3 id=${id}>${span === "day" ? column.name : html`<${DayHead} day=${column.day} name=${column.name} />`}${isToday && span === "week" && html`<span class="unseen"> (today)</span>`}</h3>
    <div class="calendar-lane">
      ${closedIn(column, bounds).map(([from, to]) => html`<div key=${from} class="calendar-closed" style=${place(from, to, bounds)}></div>`)}
      ${items.length > 0 && html`<ul>${items.map((item) => html`<${Visit} key=${item.appointment.id} item=${item} bounds=${bounds} page=${page} span=${span} />`)}</ul>`}
      ${items.length === 0 && html`<p class="unseen">${column.hours.length ? "No appointments" : "Closed"}</p>`}
    </div>
  </section>`;
}

const DayHead = ({ day, name }) => html`<time datetime=${day}>${dayName(day, { weekday: "short", day: "numeric" })}</time>${name && html`<small>${name}</small>`}`;

function Visit({ item, bounds, page, span }) {
  const { appointment, from, to, lane, lanes } = item;
  const names = appointment.resources.map((key) => page.resources.find((one) => one.key === key)?.name).filter(Boolean);
  const style = `${place(from, to, bounds)}; inset-inline-start: calc(${lane} / ${lanes} * 100%); inline-size: calc(100% / ${lanes})`;
  return html`<li style=${style}>
    <a class=${`visit ${appointment.state}`} href=${writeRoute({ queue: "calendar", openId: appointment.conversation_id })} aria-label=${spokenOf(appointment, page.resources)} title=${spokenOf(appointment, page.resources)}>
      <strong dir="auto">${appointment.customer ?? "Name not known yet"}</strong>
      <span>${timeOf(appointment.starts_at)} ${appointment.service}</span>
      ${span === "week" && html`<span>${names.join(", ")}</span>`}
      ${appointment.state === "held" && html`<span>Held</span>`}
    </a>
  </li>`;
}

const place = (from, to, [first, last]) => `inset-block-start: ${share(from - first, last - first)}; block-size: ${share(to - from, last - first)}`;
const share = (part, whole) => `${(part / whole) * 100}%`;
