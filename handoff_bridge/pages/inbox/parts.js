/** Small parts that several panes show. */
import { html } from "/shared/ui.js";

const HUES = 6;
const CHANNELS = { website: "Website", whatsapp: "WhatsApp" };

/** The initials of a name on one of a few quiet colours, always the same for the same id. */
export function Avatar({ name, id }) {
  const hue = [...id].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 9_973, 7) % HUES;
  const initials = name.split(/\s+/u).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
  return html`<span class=${`avatar hue-${hue}`} aria-hidden="true">${initials}</span>`;
}

/** The assistant and the triggers give their reason as a word of their own; what people write is shown as it is. */
export const REASONS = { asked: "Asked for a person", command: "Asked for a person", complaint: "Complaint", not_understood: "Was not understood", assistant_unavailable: "The assistant did not answer" };

/** A name out of the machine (`preferred_day`) as a person would write it. */
export const spoken = (name) => {
  const words = String(name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const departmentName = (departments, key) => departments.find((one) => one.key === key)?.name ?? key;
export const channelName = (channel) => CHANNELS[channel] ?? channel;

export const Urgency = ({ urgency }) => html`<span class=${`tag ${urgency}`}>${{ low: "Low urgency", normal: "Normal", high: "High", urgent: "Urgent" }[urgency] ?? urgency}</span>`;

/** Department, urgency where it is out of the ordinary, whom it is meant for, channel, and which colleague holds it. */
export const Tags = ({ conversation, departments, me }) => html`<span class="tags">
  ${["high", "urgent"].includes(conversation.urgency) && html`<${Urgency} urgency=${conversation.urgency} />`}
  ${conversation.department && html`<span class="tag">${departmentName(departments, conversation.department)}</span>`}
  ${conversation.wanted && html`<span class="tag">${conversation.wanted.id === me.id ? "For you" : `For ${conversation.wanted.name}`}</span>`}
  <span class="tag plain">${channelName(conversation.channel)}</span>
  ${conversation.assigned_to && conversation.assigned_to.id !== me.id && html`<span class="tag plain">${conversation.assigned_to.name}</span>`}
</span>`;
