/** The middle pane: who it is, what can be done, what was said, and the answer. */
import { html, useEffect, useNow } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { Composer } from "./composer.js";
import { Resolve, Transfer } from "./dialogs.js";
import { allowedMoves, ago, customerName, queueOf, transferTargets, writeRoute } from "./rules.js";
import { channelName, departmentName } from "./parts.js";
import { Thread } from "./thread.js";

const MOVES = {
  accept: { label: "Accept", icon: "check", kind: "primary" },
  take_over: { label: "Take over", icon: "check", kind: "primary" },
  request: { label: "Put in line", icon: "clock", kind: "" },
  transfer: { label: "Transfer", icon: "swap", kind: "", dialog: "transfer" },
  return: { label: "Return to assistant", icon: "retry", kind: "" },
  resolve: { label: "Resolve", icon: "archive", kind: "", dialog: "resolve" },
};

export function Conversation({ id, state, desk, go, route, dialog, setDialog }) {
  const conversation = state.conversations[id];
  const detail = state.details[id];
  useRead(state, desk, id);
  if (!conversation || !detail || (detail.status !== "ready" && !detail.messages.length)) return html`<${Unready} detail=${detail} desk=${desk} route=${route} />`;
  const move = (name, extra) => desk.move(id, name, extra);
  const close = () => setDialog(null);
  return html`<main class="pane conversation" tabindex="-1" aria-label=${`Conversation with ${customerName(conversation)}`}>
    <${Head} conversation=${conversation} state=${state} route=${route} />
    <${Moves} conversation=${conversation} me=${state.me} onMove=${(name) => (MOVES[name].dialog ? setDialog(MOVES[name].dialog) : move(name))} />
    <${Thread} id=${id} state=${state} desk=${desk} />
    <${Composer} conversation=${conversation} state=${state} desk=${desk} />
    ${dialog === "transfer" && html`<${Transfer} targets=${transferTargets(state)} onTransfer=${(to) => move("transfer", to)} onClose=${close} />`}
    ${dialog === "resolve" && html`<${Resolve} name=${customerName(conversation)} onResolve=${() => move("resolve")} onClose=${close} />`}
  </main>`;
}

const Unready = ({ detail, desk, route }) => html`<main class="pane conversation empty" tabindex="-1" aria-busy=${detail?.status !== "failed"}>
  ${detail?.status === "failed"
    ? html`<p>This conversation could not be loaded.</p><button type="button" class="button" onClick=${desk.reopen}>Try again</button>`
    : html`<p class="soft" role="status">Loading…</p>`}
  <a class="button quiet narrow-only" href=${writeRoute({ queue: route.queue })}>Back to the list</a>
</main>`;

/** What stands on an open, visible page has been read. */
function useRead(state, desk, id) {
  const last = state.details[id]?.messages.findLast((message) => message.author === "customer")?.id ?? 0;
  const unread = state.conversations[id]?.unread ?? 0;
  useEffect(() => {
    const look = () => last > 0 && unread > 0 && !document.hidden && desk.read(id, last);
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [id, last, unread]);
}

function Head({ conversation, state, route }) {
  const now = useNow(20_000);
  return html`<header class="conversation-head">
    <a class="button quiet square narrow-only" href=${writeRoute({ queue: route.queue })} aria-label="Back to the list"><${Icon} name="back" /></a>
    <div class="head-names">
      <h2>${customerName(conversation)}</h2>
      <p class="soft">${standing(conversation, state, now)} · ${channelName(conversation.channel)}</p>
    </div>
    <a class="button quiet square details-toggle" href=${writeRoute({ ...route, pane: route.pane === "details" ? "conversation" : "details" })} aria-label="Details" title="Details"><${Icon} name="info" /></a>
  </header>`;
}

function standing(conversation, state, now) {
  const department = conversation.department ? ` for ${departmentName(state.departments, conversation.department)}` : "";
  return {
    with_assistant: () => "With the assistant",
    waiting: () => `Waiting${department}, ${ago(conversation.waiting_since, now)}`,
    mine: () => "With you",
    others: () => `With ${conversation.assigned_to?.name}`,
    resolved: () => "Resolved",
  }[queueOf(conversation, state.me.id)]();
}

function Moves({ conversation, me, onMove }) {
  const moves = allowedMoves(conversation, me);
  if (!moves.length) return null;
  return html`<div class="moves" role="group" aria-label="Actions">
    ${moves.map((name) => html`<button type="button" key=${name} class=${`button ${MOVES[name].kind}`} onClick=${() => onMove(name)}><${Icon} name=${MOVES[name].icon} />${MOVES[name].label}</button>`)}
  </div>`;
}
