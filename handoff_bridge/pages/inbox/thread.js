/** The history: days, groups by author, delivery marks, typing; older messages come as one scrolls up. */
import { html, useLayoutEffect, useMemo, useRef, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { RichText } from "/shared/rich.js";
import { dayIn, rowsOf } from "/shared/thread.js";
import { keepDraft, draftOf } from "./kept.js";
import { shown } from "./model.js";
import { customerName } from "./rules.js";

const NEAR_PX = 120;

export function Thread({ id, state, desk }) {
  const { messages, hasMore, isLoadingOlder } = state.details[id];
  const customer = customerName(state.conversations[id]);
  const zone = state.business.time_zone;
  const clock = useMemo(() => clockIn(zone), [zone]);
  const rows = useMemo(() => rowsOf(shown(state, id), clock.day), [messages, state.outbox, id]);
  const { ref, onScroll, isAway, toEnd } = useScroll(rows, state.typing[id], () => desk.older(id));
  return html`<div class="thread-place">
    <div class="thread" ref=${ref} onScroll=${onScroll} role="log" aria-label="Messages" aria-busy=${isLoadingOlder} tabindex="0">
      <div class="thread-top">
        ${hasMore
          ? html`<button type="button" class="button quiet" disabled=${isLoadingOlder} onClick=${() => desk.older(id)}>${isLoadingOlder ? "Loading…" : "Earlier messages"}</button>`
          : html`<p class="soft">Beginning of the conversation</p>`}
      </div>
      ${rows.map((row) =>
        row.kind === "day"
          ? html`<p class="day" key=${row.key}><span>${clock.dayName(row.at)}</span></p>`
          : html`<${Message} key=${row.key} row=${row} me=${state.me.name} customer=${customer} clock=${clock} desk=${desk} explains=${state.explains} />`,
      )}
      <${Typing} typing=${state.typing[id]} customer=${customer} />
    </div>
    ${isAway && html`<button type="button" class="to-end" onClick=${toEnd}><${Icon} name="down" />New messages</button>`}
  </div>`;
}

/** Stays at the end while the reader is there; what is put in above moves nothing the reader looks at. */
function useScroll(rows, typing, older) {
  const ref = useRef();
  const place = useRef({ atEnd: true, first: null, height: 0 });
  const [isAway, setAway] = useState(false);
  const toEnd = () => {
    ref.current.scrollTop = ref.current.scrollHeight;
    place.current.atEnd = true;
    setAway(false);
  };
  const onScroll = ({ currentTarget: box }) => {
    place.current.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    if (place.current.atEnd) setAway(false);
    if (box.scrollTop < NEAR_PX) older();
  };
  useLayoutEffect(() => {
    const box = ref.current;
    const first = rows.find((row) => row.kind === "message")?.key;
    const grewAbove = place.current.first !== null && first !== place.current.first && !place.current.atEnd;
    const isOwn = rows.at(-1)?.message?.sending === "pending";
    if (grewAbove) box.scrollTop += box.scrollHeight - place.current.height;
    else if (place.current.atEnd || isOwn) toEnd();
    else setAway(true);
    place.current = { ...place.current, first, height: box.scrollHeight };
  }, [rows]);
  useLayoutEffect(() => {
    if (place.current.atEnd) toEnd();
  }, [typing]);
  return { ref, onScroll, isAway, toEnd };
}

function Message({ row, me, customer, clock, desk, explains }) {
  const { message, first, last } = row;
  return useMemo(() => {
    const { author, name, text, sending } = message;
    if (author === "system") return html`<p class="aside"><span class="unseen">Notice: </span>${text}</p>`;
    return html`<article class=${`message ${author} ${first ? "first" : ""} ${sending ?? message.status ?? ""}`}>
      ${first && html`<p class="author">${{ customer, assistant: "Assistant", agent: name === me ? "You" : name }[author]}</p>`}
      <div class="bubble" dir="auto"><${RichText} text=${text} /></div>
      ${message.buttons?.length > 0 && html`<p class="offered"><span class="unseen">Offered: </span>${message.buttons.map((button) => html`<span key=${button.id}>${button.title}</span>`)}</p>`}
      ${explains && author === "customer" && html`<${Understood} message=${message} />`}
      <${Mark} message=${message} last=${last} clock=${clock} desk=${desk} />
    </article>`;
  }, [message, first, last, me, customer, clock, explains]);
}

const STATUS = { pending: "Sending…", sent: "Sent", delivered: "Delivered", read: "Read" };

const Understood = ({ message: { intent, confidence } }) => html`<p class="meta understood">
  ${intent ? `Understood as “${intent.replaceAll("_", " ")}”${confidence === null ? "" : `, ${Math.round(confidence * 100)} % sure`}` : "Not put to the assistant"}
</p>`;

function Mark({ message, last, clock, desk }) {
  const { author, status, sending, failure, reason, created_at } = message;
  if (sending === "failed") return html`<${Unsent} message=${message} reason=${reason} desk=${desk} />`;
  if (status === "failed") return html`<p class="meta bad" role="alert"><${Icon} name="alert" />Not delivered. ${failure}</p>`;
  if (sending === "pending") return html`<p class="meta">${STATUS.pending}</p>`;
  if (!last) return null;
  const mark = author === "agent" && STATUS[status];
  return html`<p class="meta"><time datetime=${created_at}>${clock.time(created_at)}</time>${mark && ` · ${mark}`}</p>`;
}

function Unsent({ message, reason, desk }) {
  const { message_id, conversation_id } = message;
  const edit = () => {
    const text = desk.discard(message_id);
    keepDraft(conversation_id, [draftOf(conversation_id), text].filter(Boolean).join("\n"));
    dispatchEvent(new CustomEvent("frontdesk-draft"));
  };
  return html`<p class="meta bad" role="alert"><${Icon} name="alert" />Not sent. ${reason}
    <button type="button" class="link" onClick=${() => desk.retry(message_id)}>Try again</button>
    <button type="button" class="link" onClick=${edit}>Edit</button>
  </p>`;
}

const Typing = ({ typing, customer }) => html`<p class="typing" role="status">
  ${typing && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> ${{ customer, assistant: "The assistant" }[typing.author] ?? typing.name} is writing…`}
</p>`;

/** Days and times as they are at the business. */
function clockIn(timeZone) {
  const day = dayIn(timeZone);
  const time = new Intl.DateTimeFormat(undefined, { timeZone, hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(undefined, { timeZone, weekday: "long", day: "numeric", month: "long", year: "numeric" });
  return {
    day,
    time: (iso) => time.format(new Date(iso)),
    dayName: (iso) => (day(new Date(iso)) === day(new Date()) ? "Today" : date.format(new Date(iso))),
  };
}
