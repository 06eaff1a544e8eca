/** Where the visitor writes. */
import { html, useEffect, useRef, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";
import { draft } from "./model.js";

const TYPING_EVERY_MS = 3_000;

export function Composer({ limit, words, client, stage }) {
  const [text, setText] = useState("");
  const box = useRef();
  const typing = useTypingMark(client);
  const { ready, count } = draft(text, limit);
  useEffect(() => fit(box.current), [text, stage.opened]);
  useEffect(() => {
    if (stage.prefill) setText(stage.prefill);
    if (stage.open && matchMedia("(pointer: fine)").matches) box.current.focus();
  }, [stage.opened]);

  const write = (event) => {
    setText(event.target.value);
    typing.on(event.target.value.trim() !== "");
  };
  const send = (event) => {
    event.preventDefault();
    if (!ready) return;
    client.say(text.trim());
    setText("");
    typing.on(false);
    box.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return html`<form class="composer" onSubmit=${send}>
    <div class="field">
      <label class="unseen" for="message">${words.message}</label>
      <textarea id="message" ref=${box} rows="1" dir="auto" placeholder=${words.write} value=${text} enterkeyhint="send"
        aria-describedby=${count === null ? undefined : "count"} aria-invalid=${count < 0 ? "true" : undefined} onInput=${write} onKeyDown=${onKeyDown}></textarea>
      <button type="submit" class="send" aria-label=${words.send} disabled=${!ready}><${Icon} name="send" /></button>
    </div>
    <p id="count" class=${count < 0 ? "count bad" : "count"} role="status">${count === null ? "" : count < 0 ? words.over(-count) : words.left(count)}</p>
  </form>`;
}

/** Grows with its lines; the stylesheet sets the most. */
function fit(box) {
  box.style.blockSize = "auto";
  if (box.scrollHeight) box.style.blockSize = `${box.scrollHeight}px`;
}

/** Tells the other side once per few seconds that the visitor writes, and at once when they stop. */
function useTypingMark(client) {
  const told = useRef({ on: false, at: 0 });
  return {
    on(on) {
      const now = Date.now();
      const isNews = on ? !told.current.on || now - told.current.at > TYPING_EVERY_MS : told.current.on;
      if (!isNews) return;
      told.current = { on, at: now };
      client.typing(on);
    },
  };
}
