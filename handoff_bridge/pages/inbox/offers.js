/** What is offered to me and runs out: the one thing on the page that does not wait. */
import { html, useNow } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { REASONS, Tags, spoken } from "./parts.js";
import { customerName, secondsLeft } from "./rules.js";

export function Offers({ state, desk, go }) {
  const now = useNow(1_000);
  const offers = state.offers.filter((one) => secondsLeft(one.until, now) > 0);
  return html`<section class="offers" aria-label="Offered to you" aria-live="assertive">
    ${offers.map((one) => html`<${Offer} key=${one.conversation.id} offer=${one} left=${secondsLeft(one.until, now)} state=${state} desk=${desk} go=${go} />`)}
  </section>`;
}

/** Why: in the customer's own words where the last ones are theirs. */
function reasonOf({ last_message: last, note, reason }) {
  if (note) return note;
  return last?.author === "customer" ? last.text : (REASONS[reason] ?? spoken(reason ?? ""));
}

function Offer({ offer, left, state, desk, go }) {
  const { id } = offer.conversation;
  const conversation = state.conversations[id] ?? offer.conversation;
  const accept = async () => (await desk.answerOffer(id, "accept")) && go({ queue: "mine", openId: id });
  return html`<article class="offer">
    <p><strong>${customerName(conversation)}</strong> would like to talk to you. <span class="soft" aria-hidden="true">${left} s</span></p>
    <${Tags} conversation=${conversation} departments=${state.departments} me=${state.me} />
    <p class="offer-text" dir="auto">${reasonOf(conversation)}</p>
    <p class="offer-buttons">
      <button type="button" class="button primary" onClick=${accept}><${Icon} name="check" />Accept</button>
      <button type="button" class="button" onClick=${() => desk.answerOffer(id, "decline")}>Decline</button>
    </p>
  </article>`;
}
