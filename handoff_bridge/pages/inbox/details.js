/** The right pane: the customer, why a person is wanted, the facts collected, the appointments, and how it got here. */
import { html, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { Appointments } from "./booking.js";
import { Briefing, ContactForm, Course } from "./briefing.js";
import { REASONS, Urgency, channelName, departmentName, spoken } from "./parts.js";
import { customerName, writeRoute } from "./rules.js";

export function Details({ conversation, detail, state, desk, route }) {
  if (!conversation || !detail) return html`<aside class="pane details" aria-label="Details"></aside>`;
  const when = timeIn(state.business.time_zone);
  return html`<aside class="pane details" tabindex="-1" aria-label="Details">
    <header class="details-head">
      <a class="button quiet square" href=${writeRoute({ ...route, pane: "conversation" })} aria-label="Back to the conversation"><${Icon} name="back" /></a>
      <h2>Details</h2>
    </header>
    <${Briefing} handoff=${detail.handoff} />
    <${Customer} key=${conversation.id} conversation=${conversation} desk=${desk} />
    <${Handoff} conversation=${conversation} departments=${state.departments} />
    <${Facts} facts=${detail.facts} />
    <${Appointments} key=${`appointments-${conversation.id}`} id=${conversation.id} appointments=${detail.appointments} when=${when} desk=${desk} />
    <${Course} handoff=${detail.handoff} departments=${state.departments} when=${when} />
    <${Transitions} transitions=${detail.transitions} when=${when} />
    <label class="part explains"><input type="checkbox" checked=${state.explains} onChange=${(event) => desk.explain(event.target.checked)} />Show what the assistant understood</label>
  </aside>`;
}

const Part = ({ title, children }) => html`<section class="part"><h3>${title}</h3>${children}</section>`;

const Pairs = ({ pairs }) => html`<dl>
  ${pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}
</dl>`;

function Customer({ conversation, desk }) {
  const [isEdited, setEdited] = useState(false);
  const { email, phone } = conversation.customer;
  if (isEdited) return html`<${Part} title="Customer"><${ContactForm} conversation=${conversation} desk=${desk} onClose=${() => setEdited(false)} /><//>`;
  return html`<${Part} title="Customer">
    <${Pairs} pairs=${[
      ["Name", customerName(conversation)],
      ["E-mail", email && html`<a href=${`mailto:${email}`}>${email}</a>`],
      ["Phone", phone && html`<a href=${`tel:${phone}`}>${phone}</a>`],
      ["Channel", channelName(conversation.channel)],
      ["Language", conversation.language],
    ]} />
    <button type="button" class="link" onClick=${() => setEdited(true)}>Edit</button>
  <//>`;
}

function Handoff({ conversation, departments }) {
  const { reason, urgency, department, wanted, note } = conversation;
  if (!department) return null;
  return html`<${Part} title="Why a person">
    <${Pairs} pairs=${[
      ["Reason", REASONS[reason] ?? spoken(reason ?? "")],
      ["Urgency", urgency && html`<${Urgency} urgency=${urgency} />`],
      ["Department", departmentName(departments, department)],
      ["For", wanted?.name],
      ["Note", note],
    ]} />
  <//>`;
}

const Facts = ({ facts }) => html`<${Part} title="Collected facts">
  ${facts.length ? html`<${Pairs} pairs=${facts.map(({ name, value }) => [spoken(name), String(value)])} />` : html`<p class="soft">Nothing yet.</p>`}
<//>`;

const MOVED = {
  request: "asked for a person",
  take_over: "took over",
  accept: "accepted",
  withdraw: "left the line",
  expire: "waited too long",
  transfer: "passed it on",
  requeue: "lost the connection, back in line",
  return: "returned it to the assistant",
  resolve: "resolved it",
  reopen: "wrote again",
};

const Transitions = ({ transitions, when }) => html`<${Part} title="How it got here">
  ${transitions.length
    ? html`<ol class="transitions">
        ${transitions.map((one) => html`<li key=${one.at + one.move}><span><b>${spoken(one.who)}</b> ${MOVED[one.move] ?? one.move}</span>
          ${one.reason && one.reason !== "asked" && html`<span dir="auto">${REASONS[one.reason] ?? one.reason}</span>`}<time class="soft" datetime=${one.at}>${when(one.at)}</time></li>`)}
      </ol>`
    : html`<p class="soft">With the assistant from the start.</p>`}
<//>`;

function timeIn(timeZone) {
  const format = new Intl.DateTimeFormat(undefined, { timeZone, weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  return (iso) => format.format(new Date(iso));
}
