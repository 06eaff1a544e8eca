/** The dialogs. The browser's own `dialog` keeps the focus inside and closes on Escape. */
import { html, useEffect, useRef, useState } from "/shared/ui.js";
import { keepShortcuts, shortcutsOn } from "./kept.js";

function Dialog({ title, onClose, children }) {
  const ref = useRef();
  useEffect(() => {
    const before = document.activeElement;
    ref.current.showModal();
    return () => before?.focus();
  }, []);
  return html`<dialog ref=${ref} aria-labelledby="dialog-title" onClose=${onClose} onClick=${(event) => event.target === ref.current && onClose()}>
    <div class="dialog-body"><h2 id="dialog-title">${title}</h2>${children}</div>
  </dialog>`;
}

/** Runs `work` once at a time and closes when it says true. */
function useWork(work, onClose) {
  const [isBusy, setBusy] = useState(false);
  const run = async (event) => {
    event.preventDefault();
    setBusy(true);
    await work();
    onClose();
  };
  return [isBusy, run];
}

export function Transfer({ targets, onTransfer, onClose }) {
  const [to, setTo] = useState(null);
  const note = useRef();
  const [isBusy, submit] = useWork(() => onTransfer({ ...to, note: note.current.value.trim() || undefined }), onClose);
  const option = (value, label, hint) => html`<label class="option" key=${label}>
    <input type="radio" name="to" required onChange=${() => setTo(value)} /><span>${label}</span>${hint}
  </label>`;
  return html`<${Dialog} title="Transfer to" onClose=${onClose}>
    <form onSubmit=${submit}>
      <fieldset><legend>Department</legend>${targets.departments.map(({ key, name }) => option({ department: key }, name))}</fieldset>
      ${targets.agents.length > 0 && html`<fieldset><legend>Person</legend>${targets.agents.map((agent) => option({ agent_id: agent.id }, agent.name, presence(agent)))}</fieldset>`}
      <label class="stacked">Note for your colleague<textarea ref=${note} rows="2" maxlength="500"></textarea></label>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="button primary" disabled=${isBusy || !to}>Transfer</button>
      </div>
    </form>
  <//>`;
}

const presence = ({ availability, present }) => {
  const is = present ? availability : "offline";
  return html`<span class=${`presence ${is}`}>${{ online: "Online", busy: "Busy", offline: "Offline" }[is]}</span>`;
};

export function Resolve({ name, onResolve, onClose }) {
  const [isBusy, submit] = useWork(onResolve, onClose);
  return html`<${Dialog} title="Resolve this conversation?" onClose=${onClose}>
    <form onSubmit=${submit}>
      <p>${name} is told that it is closed. Their next message opens it again with the assistant.</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="button primary" disabled=${isBusy} autofocus>Resolve</button>
      </div>
    </form>
  <//>`;
}

const KEYS = [
  ["j  k  ↓  ↑", "Next and previous conversation"],
  ["Enter", "Open the conversation, send the answer"],
  ["Shift+Enter", "New line"],
  ["Esc", "Back"],
  ["1 – 7", "Choose a queue, the tasks or the calendar"],
  ["←  →", "In the calendar: previous and next"],
  ["a", "Accept or take over"],
  ["r", "Answer"],
  ["t", "Transfer"],
  ["?", "This list"],
];

export function Shortcuts({ onClose }) {
  const [on, setOn] = useState(shortcutsOn());
  const change = (event) => {
    setOn(event.target.checked);
    keepShortcuts(event.target.checked);
  };
  return html`<${Dialog} title="Shortcuts" onClose=${onClose}>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div key=${key}><dt>${key.split("  ").map((one) => html`<kbd>${one}</kbd>`)}</dt><dd>${what}</dd></div>`)}</dl>
    <label class="option"><input type="checkbox" checked=${on} onChange=${change} /><span>Use single letters as shortcuts</span></label>
    <div class="dialog-buttons"><button type="button" class="button primary" onClick=${onClose} autofocus>Close</button></div>
  <//>`;
}
