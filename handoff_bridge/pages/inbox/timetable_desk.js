/** What an agent looks at in the calendar, and its loading. */
import { SPANS, firstOf, shifted } from "./timetable.js";

/** `ask(promise, isQuiet)` is the desk's. */
export function createTimetable({ store, api, ask }) {
  const { dispatch, get } = store;
  let asked = 0;

  /** Of several questions under way only the last one counts. */
  async function loadCalendar() {
    const { day, span, department, resource } = get().calendar;
    const mine = (asked += 1);
    const first = day && firstOf(day, span);
    const answer = await ask(api.calendar({ from: first, days: SPANS[span], department, resource }), true);
    if (mine !== asked || get().session !== "in") return;
    if (answer?.status !== 200) return void dispatch({ type: "calendarFailed" });
    dispatch({ type: "calendar", page: answer.body, span });
    if (!day) await showCalendar({ day: answer.body.today });
  }

  async function showCalendar(changes) {
    dispatch({ type: "calendarShows", changes });
    await loadCalendar();
  }

  return {
    loadCalendar,
    showCalendar,
    /** One day or one week on (1) or back (-1). */
    turnCalendar: (step) => {
      const { day, span } = get().calendar;
      if (day) showCalendar({ day: shifted(day, step * SPANS[span]) });
    },
    calendarToday: () => showCalendar({ day: get().calendar.page?.today ?? null }),
  };
}
