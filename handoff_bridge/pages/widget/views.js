/** What the widget shows. */
import { html, useEffect, useMemo, useRef, useStore } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { Composer } from "./composer.js";
import { notice, unread } from "./model.js";
import { Thread } from "./thread.js";

export function Widget({ store, client, words, stage, onClose }) {
  const state = useStore(store);
  const root = useRef();
  useSeen(state, stage.open, store, client);
  const onKeyDown = (event) => {
    if (event.key === "Escape" && onClose) onClose();
    if (event.key === "Tab" && stage.modal) keepInside(root.current, event);
  };
  return html`<main class="widget" ref=${root} onKeyDown=${onKeyDown}>
    <${Header} state=${state} words=${words} onClose=${onClose} />
    <${Notice} state=${state} words=${words} />
    <${Thread} state=${state} words=${words} client=${client} opened=${stage.opened} />
    <${Composer} limit=${state.config?.limits?.characters ?? 4000} words=${words} client=${client} stage=${stage} />
  </main>`;
}

/** Whatever stands in an open, visible widget counts as seen; an agent is told so. */
function useSeen(state, open, store, client) {
  const last = state.messages.at(-1)?.id ?? 0;
  const news = open && unread(state) > 0;
  useEffect(() => {
    const look = () => {
      if (!open || document.hidden) return;
      store.dispatch({ type: "seen", id: last });
      if (news) client.read(last);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [last, open, news]);
}

/** On a phone the widget covers the page: Tab must not wander behind it. */
function keepInside(root, event) {
  const stops = [...root.querySelectorAll("button:not(:disabled), textarea, a[href], [tabindex='0']")];
  const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to.focus();
}

function Header({ state, words, onClose }) {
  const agent = state.status?.state === "with_agent" ? state.status.agent : null;
  return html`<header class="head">
    <span class="mark"><${Icon} name="bell" /></span>
    <div class="who">
      <h1>${state.config?.business ?? words.chat}</h1>
      <p>${agent ?? words.assistant}</p>
    </div>
    ${onClose && html`<button type="button" class="plain" aria-label=${words.close} onClick=${onClose}><${Icon} name="close" /></button>`}
  </header>`;
}

const NOTICE_ICON = { offline: "alert", waiting: "clock", withAgent: "check", resolved: "check", slow: "clock" };

function Notice({ state, words }) {
  const said = useMemo(() => notice(state), [state.line, state.status]);
  return html`<div class="notice-place" role="status">
    ${said && html`<p class=${`notice ${said.kind}`}><${Icon} name=${NOTICE_ICON[said.kind]} /><span>${sentence(said, words)}</span></p>`}
  </div>`;
}

function sentence(said, words) {
  if (said.kind === "waiting") return [words.waiting(said.position), said.wait && words.wait(said.wait.low, said.wait.high)].filter(Boolean).join(" · ");
  if (said.kind === "withAgent") return words.withAgent(said.agent);
  return words[said.kind];
}
