/** The keyboard. Letters count only outside of fields, and can be switched off. */
import { useEffect } from "/shared/ui.js";
import { shortcutsOn } from "./kept.js";
import { inQueue } from "./model.js";
import { VIEWS, allowedMoves, neighbour } from "./rules.js";

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
const TURNS = { ArrowLeft: -1, ArrowRight: 1 };

export function useShortcuts({ state, route, go, desk, setDialog }) {
  useEffect(() => {
    const onKeyDown = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const handled = event.key === "Escape" ? back(route, go) : !isField(event.target) && press(event);
      if (handled) event.preventDefault();
    };
    const press = (event) => {
      const isLetter = event.key.length === 1;
      if (isLetter && event.key !== "?" && !shortcutsOn()) return false;
      if (event.key in TURNS && route.pane === "calendar" && !event.target.closest(".calendar-scroll")) return desk.turnCalendar(TURNS[event.key]) ?? true;
      if (event.key in STEPS) return step(event, inQueue(state, route.queue).map((one) => one.id), route.openId);
      return act(event.key, { state, route, go, desk, setDialog });
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [state, route]);
}

const isField = (target) => target.matches("input, textarea, select, [contenteditable]");

/** Out of the field first, then one pane back. */
function back(route, go) {
  if (isField(document.activeElement)) document.activeElement.blur();
  else if (route.pane === "details") go({ ...route, pane: "conversation" });
  else if (route.openId) go({ queue: route.queue });
  return true;
}

/** Moves the focus along the list; in the history the arrows scroll. */
function step(event, ids, openId) {
  if (event.key.startsWith("Arrow") && event.target.closest(".thread")) return false;
  const id = neighbour(ids, document.activeElement.dataset?.id ?? openId, STEPS[event.key]);
  document.querySelector(`[data-id="${CSS.escape(id ?? "")}"]`)?.focus();
  return id !== null;
}

function act(key, { state, route, go, desk, setDialog }) {
  const open = state.conversations[route.openId];
  const moves = open ? allowedMoves(open, state.me) : [];
  const first = moves.find((move) => move === "accept" || move === "take_over");
  if (key === "?") setDialog("shortcuts");
  else if (VIEWS[key - 1]) go({ queue: VIEWS[key - 1] });
  else if (key === "r" && open) document.getElementById("answer")?.focus();
  else if (key === "a" && first) desk.move(open.id, first);
  else if (key === "t" && moves.includes("transfer")) setDialog("transfer");
  else return false;
  return true;
}
