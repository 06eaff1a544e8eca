/** The few line icons of the pages. Decorative: the button around one carries the name. */
import { html } from "/shared/ui.js";

const PATHS = {
  bell: "M4 16a8 8 0 0 1 16 0zM12 8V5.6M9.8 5.2h4.4M3 19.4h18",
  earlier: "M14.5 5.5L8 12l6.5 6.5",
  later: "M9.5 5.5L16 12l-6.5 6.5",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4.5 12h14M12.5 5.5L19 12l-6.5 6.5",
  check: "M4.5 12.5l5 5 10-11",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  alert: "M12 4L2.8 19.5h18.4zM12 10v4.2M12 17v.1",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5M12 8v.1",
  swap: "M4 8.5h14M14.5 5L18 8.5 14.5 12M20 15.5H6M9.5 12L6 15.5 9.5 19",
  retry: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
  archive: "M3.5 5h17v4h-17zM5 9v10.5h14V9M9.5 13h5",
  down: "M12 5v13M6 12.5l6 6 6-6",
  exit: "M10 4.5H5.5v15H10M14 8l4 4-4 4M18 12H9.5",
  keys: "M3.5 7h17v10h-17zM7 10.5v.1M10.3 10.5v.1M13.7 10.5v.1M17 10.5v.1M8 14h8",
};

/** Arrows point along the reading direction, so they turn round where that runs from right to left. */
const TURNING = new Set(["back", "send", "exit", "earlier", "later"]);

export const Icon = ({ name }) => html`<svg class=${TURNING.has(name) ? "icon turning" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
