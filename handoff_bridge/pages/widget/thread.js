/** The conversation: messages in groups by author and day, quick replies, what is on its way. */
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { RichText } from "/shared/rich.js";
import { dayIn, rowsOf } from "/shared/thread.js";
import { GREETING, choices, isFresh, lastRead, shown } from "./model.js";

const NEAR_END_PX = 80;
const today = dayIn();

export function Thread({ state, words, client, opened }) {
  const fresh = isFresh(state);
  const rows = useMemo(() => rowsOf(dated(shown(state)), today).filter((row) => !fresh || row.kind === "message"), [state.config, state.messages, state.outbox]);
  const open = useMemo(() => choices(shown(state)), [state.messages, state.outbox]);
  const { ref, onScroll, isAway, toEnd } = useEnd(rows, opened, state.typing);
  const readAt = lastRead(state);
  return html`<div class="thread-place">
    <div class="thread" ref=${ref} onScroll=${onScroll} role="log" aria-label=${words.conversation} aria-busy=${!state.loaded} tabindex="0">
      ${rows.map((row) =>
        row.kind === "day"
          ? html`<p class="day" key=${row.key}><span>${dayName(row.at, words)}</span></p>`
          : html`<${Message} key=${row.key} row=${row} words=${words} client=${client} isOffline=${state.line === "offline"} choice=${open.get(row.message.id)} isRead=${row.message.id === readAt} />`,
      )}
      ${fresh && state.loaded && state.config && html`<${Suggestions} texts=${state.config.suggestions} words=${words} client=${client} />`}
      ${state.typing && html`<${Typing} typing=${state.typing} words=${words} />`}
    </div>
    ${isAway && html`<button type="button" class="to-end" onClick=${toEnd}><${Icon} name="down" />${words.newer}</button>`}
  </div>`;
}

/** The greeting has no time of its own until something is said. */
const dated = (messages) => messages.map((message) => (message.created_at ? message : { ...message, created_at: new Date().toISOString() }));

/** Keeps the end in view while the reader is there; offers the way back when something comes while they are not. */
function useEnd(rows, opened, typing) {
  const ref = useRef();
  const atEnd = useRef(true);
  const [isAway, setAway] = useState(false);
  const toEnd = () => {
    ref.current.scrollTop = ref.current.scrollHeight;
    atEnd.current = true;
    setAway(false);
  };
  const onScroll = ({ currentTarget: box }) => {
    if (!box.clientHeight) return;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (atEnd.current) setAway(false);
  };
  const own = rows.at(-1)?.message?.author === "customer";
  useLayoutEffect(() => {
    if (atEnd.current || own) toEnd();
    else setAway(true);
  }, [rows]);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [typing]);
  useEffect(() => requestAnimationFrame(toEnd) && undefined, [opened]);
  return { ref, onScroll, isAway, toEnd };
}

function Message({ row, words, client, choice, isRead, isOffline }) {
  const { message, first, last } = row;
  return useMemo(() => {
    const { author, name, text, sending } = message;
    if (author === "system") return html`<p class="aside"><span class="unseen">${words.system}: </span>${text}</p>`;
    return html`<article class=${`message ${author} ${first ? "first" : ""} ${sending ?? ""}`}>
      ${first && html`<p class=${author === "customer" ? "unseen" : "author"}>${author === "customer" ? words.you : (name ?? words[author])}</p>`}
      <div class="bubble" dir="auto"><${RichText} text=${text} /></div>
      ${message.buttons?.length > 0 && html`<${Choices} message=${message} choice=${choice} words=${words} client=${client} />`}
      ${sending ? html`<${Delivery} message=${message} words=${words} client=${client} isOffline=${isOffline} />` : last && message.id !== GREETING && html`<p class="meta">${time(message.created_at)}${isRead ? ` · ${words.read}` : ""}</p>`}
    </article>`;
  }, [message, first, last, choice?.open, choice?.chosen, isRead, isOffline, words]);
}

/** What is on its way says so; what failed can be tried again. */
function Delivery({ message, words, client, isOffline }) {
  if (message.sending === "pending") return html`<p class="meta">${isOffline ? words.queued : words.sending}</p>`;
  return html`<p class="meta bad" role="alert">
    ${words.failed} <button type="button" class="link" onClick=${() => client.retry(message.message_id)}><${Icon} name="retry" />${words.retry}</button>
  </p>`;
}

/** A button that was pressed closes, so the focus goes on to the message box; not on a phone, where that opens the keyboard. */
function pick(client, text, id) {
  client.say(text, id);
  if (matchMedia("(pointer: fine)").matches) document.getElementById("message").focus();
}

/** Many or long titles stand in a column, few short ones in a row. */
function Choices({ message, choice, words, client }) {
  const { buttons } = message;
  const shape = buttons.length > 4 || buttons.some((button) => button.title.length > 22) ? "column" : "";
  return html`<div class=${`choices ${shape}`} role="group" aria-label=${words.choices}>
    ${buttons.map((button) => {
      const isChosen = choice?.chosen === button.id;
      return html`<button type="button" key=${button.id} class=${isChosen ? "choice chosen" : "choice"} disabled=${!choice?.open}
        aria-pressed=${isChosen ? "true" : undefined} onClick=${() => pick(client, button.title, button.id)}>
        ${isChosen && html`<${Icon} name="check" />`}<span>${button.title}</span>
      </button>`;
    })}
  </div>`;
}

const Suggestions = ({ texts, words, client }) => html`<div class="choices" role="group" aria-label=${words.suggestions}>
  ${texts.map((text) => html`<button type="button" class="choice" key=${text} onClick=${() => pick(client, text)}>${text}</button>`)}
</div>`;

const Typing = ({ typing, words }) => html`<p class="typing">
  <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><span class="unseen">${words.typing(typing.name ?? words[typing.author] ?? words.agent)}</span>
</p>`;

const time = (iso) => new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });

function dayName(iso, words) {
  const date = new Date(iso);
  if (today(date) === today(new Date())) return words.today;
  if (today(date) === today(new Date(Date.now() - 86_400_000))) return words.yesterday;
  return date.toLocaleDateString(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long" });
}
