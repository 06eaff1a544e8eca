/** The three panes, and what belongs to all of them: connection, notices, shortcuts. */
import { html, useEffect, useRef, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { Calendar } from "./calendar.js";
import { Conversation } from "./conversation.js";
import { Details } from "./details.js";
import { Shortcuts } from "./dialogs.js";
import { useShortcuts } from "./keys.js";
import { List } from "./list.js";
import { customerName } from "./rules.js";

const NOTICE_MS = 8_000;

export function Frame({ state, desk, route, go }) {
  const [dialog, setDialog] = useState(null);
  const open = state.conversations[route.openId];
  useFocus(route);
  useShortcuts({ state, route, go, desk, setDialog });
  return html`<div class="frame" data-pane=${route.pane}>
    <${Line} line=${state.line} />
    <${List} state=${state} desk=${desk} route=${route} go=${go} setDialog=${setDialog} />
    ${route.pane === "calendar" && html`<${Calendar} state=${state} desk=${desk} />`}
    ${route.pane !== "calendar" && (route.openId
      ? html`<${Conversation} key=${route.openId} id=${route.openId} state=${state} desk=${desk} go=${go} route=${route} dialog=${dialog} setDialog=${setDialog} />`
      : html`<main class="pane conversation empty"><${Icon} name="bell" /><p>Choose a conversation on the left.</p><p class="soft">Press <kbd>?</kbd> to see the shortcuts.</p></main>`)}
    ${route.openId && html`<${Details} conversation=${open} detail=${state.details[route.openId]} state=${state} desk=${desk} route=${route} />`}
    <${Notice} notice=${state.notice} onClose=${desk.dismiss} />
    <${Arrivals} state=${state} />
    ${dialog === "shortcuts" && html`<${Shortcuts} onClose=${() => setDialog(null)} />`}
  </div>`;
}

/** When the pane that held the focus has gone from the screen, the one that came takes it. */
function useFocus({ pane, openId }) {
  useEffect(() => {
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement.offsetParent === null;
    if (isLost) document.querySelector(`.pane.${pane}`)?.focus({ preventScroll: true });
  }, [pane, openId]);
}

const Line = ({ line }) => html`<div class="line-place" role="status">
  ${line === "down" && html`<p class="line"><${Icon} name="alert" />No connection to the bridge. Trying again; what you see may be old.</p>`}
</div>`;

/** What just happened. It stays while the pointer or the focus is on it. */
function Notice({ notice, onClose }) {
  const isHeld = useRef(false);
  useEffect(() => {
    if (!notice) return undefined;
    const timer = setInterval(() => isHeld.current || onClose(), NOTICE_MS);
    return () => clearInterval(timer);
  }, [notice?.key]);
  const hold = (on) => () => {
    isHeld.current = on;
  };
  return html`<div class="notice-place" role=${notice?.tone === "bad" ? "alert" : "status"}>
    ${notice &&
    html`<div class=${`notice ${notice.tone}`} key=${notice.key} onMouseEnter=${hold(true)} onMouseLeave=${hold(false)} onFocusIn=${hold(true)} onFocusOut=${hold(false)}>
      <${Icon} name=${notice.tone === "bad" ? "alert" : "info"} /><p>${notice.text}</p>
      <button type="button" class="button quiet square" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
    </div>`}
  </div>`;
}

/** Says to a screen reader who has just begun to wait. */
function Arrivals({ state }) {
  const newest = state.conversations[state.arrivals.at(-1)];
  return html`<p class="unseen" role="status">${newest && `${customerName(newest)} is waiting for a person. ${newest.reason ?? ""}`}</p>`;
}
