/** The tasks of the departments: customers to call back, and messages that were left. */
import { html, useMemo, useNow } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { departmentName } from "./parts.js";
import { standingOf, writeRoute } from "./rules.js";

const STANDING = { missed: "Missed", due: "Due now" };

export function Tasks({ state, desk }) {
  const now = useNow(20_000);
  const when = useMemo(() => whenIn(state.business.time_zone), [state.business.time_zone]);
  const { status, list } = state.tasks;
  if (list.length === 0) return html`<${Nothing} status=${status} onRetry=${desk.loadTasks} />`;
  return html`<ul class="tasks">${list.map((task) => html`<${Task} key=${task.id} task=${task} now=${now} when=${when} state=${state} desk=${desk} />`)}</ul>`;
}

function Nothing({ status, onRetry }) {
  if (status === "failed") return html`<div class="nothing"><p>The tasks could not be loaded.</p><button type="button" class="button" onClick=${onRetry}>Try again</button></div>`;
  return html`<p class="nothing soft">${status === "ready" ? "Nothing to do: no calls and no messages." : "Loading…"}</p>`;
}

function Task({ task, now, when, state, desk }) {
  const standing = standingOf(task, now);
  return html`<li class=${`task ${standing}`}>
    <p class="task-head"><strong>${task.kind === "callback" ? "Call back" : "Answer a message"}</strong>
      ${STANDING[standing] && html`<span class=${`tag ${standing === "missed" ? "urgent" : "high"}`}>${STANDING[standing]}</span>`}
      <span class="tag">${departmentName(state.departments, task.department)}</span></p>
    <p><time datetime=${task.due_at}>${when(task.due_at)}</time>${task.customer?.name && ` · ${task.customer.name}`}</p>
    ${task.phone && html`<p><a href=${`tel:${task.phone}`}>${task.phone}</a></p>`}
    ${task.email && html`<p><a href=${`mailto:${task.email}`}>${task.email}</a></p>`}
    ${task.note && html`<p class="task-note" dir="auto">${task.note}</p>`}
    <p class="task-buttons">
      <button type="button" class="button primary" onClick=${() => desk.endTask(task.id, "done")}><${Icon} name="check" />Done</button>
      <button type="button" class="button" onClick=${() => desk.endTask(task.id, "cancelled")}>Not needed</button>
      <a class="button quiet" href=${writeRoute({ queue: "tasks", openId: task.conversation_id })}>Conversation</a>
    </p>
  </li>`;
}

function whenIn(timeZone) {
  const format = new Intl.DateTimeFormat(undefined, { timeZone, weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  return (iso) => format.format(new Date(iso));
}
