/** Where the agent writes. The draft of each conversation is kept. */
import { html, useEffect, useRef, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { length } from "/shared/text.js";
import { draftOf, keepDraft } from "./kept.js";
import { replyMove } from "./rules.js";

const LIMIT = 4_000;
const TYPING_EVERY_MS = 3_000;
const HINTS = { accept: "Sending accepts this conversation.", take_over: "Sending takes this conversation over from the assistant." };

export function Composer({ conversation, state, desk }) {
  const move = replyMove(conversation, state.me);
  if (move !== "forbidden") return html`<${Form} id=${conversation.id} hint=${HINTS[move] ?? ""} desk=${desk} />`;
  const sentence =
    conversation.state === "resolved" ? "This conversation is resolved. The customer's next message opens it again." : `${conversation.assigned_to?.name} is answering this conversation.`;
  return html`<p class="closed">${sentence}</p>`;
}

function Form({ id, hint, desk }) {
  const [text, setText] = useState(draftOf(id));
  const box = useRef();
  const typing = useTyping(desk, id);
  const tooMany = length(text.trim()) - LIMIT;
  const isReady = text.trim() !== "" && tooMany <= 0;
  useEffect(() => fit(box.current), [text]);
  useEffect(() => {
    const restore = () => {
      setText(draftOf(id));
      box.current.focus();
    };
    addEventListener("frontdesk-draft", restore);
    return () => removeEventListener("frontdesk-draft", restore);
  }, [id]);

  const write = (value) => {
    setText(value);
    keepDraft(id, value);
    typing(value.trim() !== "");
  };
  const send = (event) => {
    event.preventDefault();
    if (!isReady) return;
    desk.reply(id, text.trim());
    write("");
    box.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return html`<form class="composer" onSubmit=${send}>
    <div class="field">
      <label class="unseen" for="answer">Your answer</label>
      <textarea id="answer" ref=${box} rows="1" dir="auto" placeholder="Write an answer…" value=${text} aria-describedby="answer-hint"
        aria-invalid=${tooMany > 0 ? "true" : undefined} onInput=${(event) => write(event.target.value)} onKeyDown=${onKeyDown}></textarea>
      <button type="submit" class="send" aria-label="Send" title="Send (Enter)" disabled=${!isReady}><${Icon} name="send" /></button>
    </div>
    <p id="answer-hint" class=${tooMany > 0 ? "hint bad" : "hint"}>${tooMany > 0 ? `${tooMany} characters too many` : hint}<span class="wide-only">${hint ? " " : ""}Enter sends, Shift+Enter begins a new line.</span></p>
  </form>`;
}

function fit(box) {
  box.style.blockSize = "auto";
  box.style.blockSize = `${box.scrollHeight}px`;
}

/** Tells the customer now and then that somebody writes, and at once when not any more. */
function useTyping(desk, id) {
  const told = useRef({ on: false, at: 0 });
  return (on) => {
    const now = Date.now();
    const isNews = on ? !told.current.on || now - told.current.at > TYPING_EVERY_MS : told.current.on;
    if (!isNews) return;
    told.current = { on, at: now };
    desk.typing(id, on);
  };
}
