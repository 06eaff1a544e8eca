/** The left pane: me, the queues with their counts, and the conversations of one queue. */
import { html, useEffect, useMemo, useNow } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { Offers } from "./offers.js";
import { Avatar, Tags } from "./parts.js";
import { Tasks } from "./tasks.js";
import { inQueue } from "./model.js";
import { QUEUES, ago, customerName, writeRoute } from "./rules.js";

const NAMES = { waiting: "Waiting", mine: "Mine", with_assistant: "With assistant", others: "Others", resolved: "Resolved", tasks: "Tasks", calendar: "Calendar" };
const EMPTY = {
  waiting: "Nobody is waiting.",
  mine: "You hold no conversation.",
  with_assistant: "The assistant talks with nobody right now.",
  others: "Your colleagues hold no conversation.",
  resolved: "Nothing resolved yet.",
};
const ARRIVAL_MS = 6_000;

export function List({ state, desk, route, go, setDialog }) {
  const ids = useMemo(() => inQueue(state, route.queue), [state.conversations, state.me, route.queue]);
  const list = state.lists[route.queue];
  return html`<div class="pane list" tabindex="-1">
    <${Head} state=${state} desk=${desk} setDialog=${setDialog} />
    <${Offers} state=${state} desk=${desk} go=${go} />
    <nav class="queues" aria-label="Queues">
      ${QUEUES.map((queue) => html`<${Queue} key=${queue} queue=${queue} count=${state.counts[queue]} isHere=${queue === route.queue} />`)}
      <${Queue} queue="tasks" count=${state.tasks.list.length} isHere=${route.queue === "tasks"} />
      <${Queue} queue="calendar" isHere=${route.queue === "calendar"} />
    </nav>
    ${route.queue === "calendar" && html`<${Legend} />`}
    ${route.queue === "tasks" && html`<section class="conversations" aria-label="Tasks" aria-busy=${state.tasks.status === "loading"}><${Tasks} state=${state} desk=${desk} /></section>`}
    ${QUEUES.includes(route.queue) && html`<${Conversations} ids=${ids} list=${list} state=${state} route=${route} desk=${desk} />`}
  </div>`;
}

const Legend = () => html`<div class="conversations calendar-legend">
  <p class="soft">Choose an appointment to open its conversation.</p>
  <ul>
    <li><span class="visit booked"></span>Booked</li>
    <li><span class="visit held"></span>Held while the customer decides</li>
    <li><span class="calendar-closed"></span>Closed, or not there</li>
  </ul>
</div>`;

const Conversations = ({ ids, list, state, route, desk }) => html`<section class="conversations" aria-label=${NAMES[route.queue]} aria-busy=${list?.status === "loading"}>
      ${ids.length > 0 && html`<ul>${ids.map((one) => html`<${Row} key=${one.id} conversation=${one} state=${state} route=${route} desk=${desk} />`)}</ul>`}
      ${ids.length === 0 && html`<${Nothing} list=${list} queue=${route.queue} onRetry=${() => desk.load(route.queue)} />`}
      ${list?.more && route.queue !== "waiting" && html`<button type="button" class="button quiet wide" onClick=${() => desk.load(route.queue, ids.at(-1).updated_at)}>Show more</button>`}
    </section>`;

function Head({ state, desk, setDialog }) {
  const { me, business } = state;
  return html`<header class="me">
    <span class="brand-mark"><${Icon} name="bell" /></span>
    <h1>${business.name}</h1>
    <button type="button" class="button quiet square wide-only" aria-label="Shortcuts" title="Shortcuts (?)" onClick=${() => setDialog("shortcuts")}><${Icon} name="keys" /></button>
    <button type="button" class="button quiet square" aria-label="Log out" title="Log out" onClick=${desk.logout}><${Icon} name="exit" /></button>
    <p class="soft">${me.name}</p>
    <label class=${`availability ${me.availability}`}>
      <span class="unseen">Your availability</span>
      <select value=${me.availability} onChange=${(event) => desk.availability(event.target.value)}>
        <option value="online">Online</option>
        <option value="busy">Busy</option>
        <option value="offline">Offline</option>
      </select>
    </label>
  </header>`;
}

const Queue = ({ queue, count, isHere }) => html`<a class="queue" href=${writeRoute({ queue })} aria-current=${isHere ? "page" : undefined}>
  <span>${NAMES[queue]}</span>${count > 0 && html`<span class=${`count ${queue}`}>${count}</span>`}
</a>`;

function Nothing({ list, queue, onRetry }) {
  if (list?.status === "failed")
    return html`<div class="nothing"><p>The list could not be loaded.</p><button type="button" class="button" onClick=${onRetry}>Try again</button></div>`;
  return html`<p class="nothing soft">${list?.status === "ready" ? EMPTY[queue] : "Loading…"}</p>`;
}

function Row({ conversation, state, route, desk }) {
  const now = useNow(20_000);
  const { id } = conversation;
  const isNew = state.arrivals.includes(id);
  const isOpen = id === route.openId;
  const isTyping = state.typing[id]?.author === "customer";
  useEffect(() => {
    if (!isNew) return undefined;
    const timer = setTimeout(() => desk.arrivalSeen(id), ARRIVAL_MS);
    return () => clearTimeout(timer);
  }, [isNew]);
  return useMemo(
    () => html`<li>
      <a class=${`row ${isNew ? "arrived" : ""} ${conversation.unread > 0 ? "unread" : ""}`} data-id=${id} href=${writeRoute({ queue: route.queue, openId: id })} aria-current=${isOpen ? "true" : undefined}>
        <${Avatar} name=${customerName(conversation)} id=${id} />
        <span class="row-name">${customerName(conversation)}</span>
        <${When} conversation=${conversation} now=${now} />
        <span class="row-text">${isTyping ? html`<em>is writing…</em>` : preview(conversation.last_message, state.me)}</span>
        ${conversation.unread > 0 && html`<span class="row-unread"><span class="unseen">unread: </span>${conversation.unread}</span>`}
        <${Tags} conversation=${conversation} departments=${state.departments} me=${state.me} />
      </a>
    </li>`,
    [conversation, isNew, isOpen, isTyping, now, route.queue, state.departments, state.me],
  );
}

function When({ conversation, now }) {
  if (conversation.state !== "waiting") return html`<time class="row-time" datetime=${conversation.updated_at}>${ago(conversation.updated_at, now)}</time>`;
  return html`<time class="row-time waits" datetime=${conversation.waiting_since}><${Icon} name="clock" /><span class="unseen">waiting since </span>${ago(conversation.waiting_since, now)}</time>`;
}

function preview(message, me) {
  if (!message) return "";
  const who = { assistant: "Assistant: ", agent: message.name === me.name ? "You: " : `${message.name}: ` }[message.author] ?? "";
  return who + message.text;
}
