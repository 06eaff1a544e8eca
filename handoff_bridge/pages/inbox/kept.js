/** What the browser keeps for the agent: whether a session is likely, drafts, unsent answers, the choice about shortcuts. */

const read = (store, key, otherwise) => {
  try {
    return JSON.parse(store().getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

const write = (store, key, value) => {
  try {
    if (value === null) store().removeItem(key);
    else store().setItem(key, JSON.stringify(value));
  } catch {
    /* a full or forbidden store costs the draft after a reload, nothing else */
  }
};

const local = () => window.localStorage;
const session = () => window.sessionStorage;
const draftKey = (id) => `frontdesk.draft.${id}`;

export const draftOf = (id) => read(session, draftKey(id), "");
export const keepDraft = (id, text) => write(session, draftKey(id), text || null);

/** Answers that were under way when the page was left; whether they arrived is unknown, and sending again under the same id is harmless. */
export const keptOutbox = () => read(session, "frontdesk.outbox", []).map((entry) => ({ ...entry, state: "failed", reason: "The page was left before it was sent." }));
export const keepOutbox = (outbox) => write(session, "frontdesk.outbox", outbox.length ? outbox : null);

export const shortcutsOn = () => read(local, "frontdesk.shortcuts", true);
export const keepShortcuts = (on) => write(local, "frontdesk.shortcuts", on);

/** Whether it is worth asking who we are; the session itself is a cookie no script can see. */
export const maySession = () => read(local, "frontdesk.signed-in", false);
export const keepSession = (isIn) => write(local, "frontdesk.signed-in", isIn || null);
