/** What somebody should know who comes to a conversation, the customer's data to keep right, and how the handoff went. */
import { html, useState } from "/shared/ui.js";
import { departmentName } from "./parts.js";
import { customerName, mood } from "./rules.js";

export const Briefing = ({ handoff }) => {
  const { summary = [], topics = [], sentiment = [] } = handoff?.context ?? {};
  if (!summary.length && !topics.length) return null;
  return html`<section class="part"><h3>In short</h3>
    ${summary.map((sentence) => html`<p class="summary" key=${sentence} dir="auto">${sentence}</p>`)}
    ${topics.length > 0 && html`<p class="tags">${topics.map((topic) => html`<span class="tag plain" key=${topic}>${topic}</span>`)}</p>`}
    <${Mood} sentiment=${sentiment} />
  </section>`;
};

const Mood = ({ sentiment }) => sentiment.length > 0 && html`<p class="mood" role="img" aria-label=${`Mood, oldest message first: ${sentiment.map(({ score }) => mood(score)).join(", ")}`}>
  <span class="soft">Mood</span>${sentiment.map(({ message_id, score }) => html`<i key=${message_id} class=${mood(score)}></i>`)}
</p>`;

/** The urgency went up, and what the customer thought of it afterwards. */
export function Course({ handoff, departments, when }) {
  const { escalations = [], rating = null, rating_comment: comment } = handoff ?? {};
  if (!escalations.length && rating === null) return null;
  return html`<section class="part"><h3>How it went</h3>
    ${escalations.map((one) => html`<p key=${one.tier}>Waited too long: went up to ${one.after === "supervisor" ? "the supervisors" : departmentName(departments, one.after)}, <time class="soft" datetime=${one.at}>${when(one.at)}</time></p>`)}
    ${rating !== null && html`<p>Rated <strong>${rating} of 5</strong>${comment && html`: <q dir="auto">${comment}</q>`}</p>`}
  </section>`;
}

const FIELDS = [
  ["name", "Name", "text", "off"],
  ["email", "E-mail", "email", "off"],
  ["phone", "Phone", "tel", "off"],
];

/** Name, e-mail and phone to correct; what is wrong is said where it was written. */
export function ContactForm({ conversation, desk, onClose }) {
  const [problem, setProblem] = useState(null);
  const [isSaving, setSaving] = useState(false);
  const save = async (event) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    setSaving(true);
    const wrong = await desk.keepContact(conversation.id, Object.fromEntries(FIELDS.map(([key]) => [key, values.get(key).trim() || null])));
    setSaving(false);
    if (wrong) setProblem(wrong);
    else onClose();
  };
  return html`<form class="contact-form" onSubmit=${save} aria-label=${`What is known of ${customerName(conversation)}`} novalidate>
    ${FIELDS.map(([key, label, type, autocomplete]) => html`<label key=${key}>${label}<input name=${key} type=${type} autocomplete=${autocomplete} maxlength="200" defaultValue=${conversation.customer[key] ?? ""} /></label>`)}
    ${problem && html`<p class="failure" role="alert">${problem}</p>`}
    <p><button type="submit" class="button primary" disabled=${isSaving}>Save</button><button type="button" class="button" onClick=${onClose}>Cancel</button></p>
  </form>`;
}
