/** What an agent does in the calendar for a customer. */

/** `ask(promise, isQuiet)`, `tell(text, tone)` and `reopen()` are the desk's. */
export function createBooking({ api, ask, tell, newId, reopen }) {
  /** Null once it is done or cannot be; the openings that are left when somebody was faster. */
  async function settle(promise, done) {
    const answer = await ask(promise);
    if (answer?.status === 200) tell(done);
    else if (answer) tell(answer.body?.error?.message ?? "That did not work. Please try again.", "bad");
    if (answer?.status === 409 && answer.body.openings) return answer.body.openings;
    await reopen();
    return null;
  }

  return {
    openings: async (wanted) => {
      const answer = await ask(api.openings(wanted));
      return answer?.status === 200 ? answer.body : null;
    },
    bookAppointment: (id, service, start) => settle(api.book(id, { service, start, request_id: newId() }), "The appointment is booked."),
    moveAppointment: (id, appointment, start) => settle(api.moveAppointment(id, appointment, { start, request_id: newId() }), "The appointment is moved."),
    cancelAppointment: (id, appointment) => settle(api.cancelAppointment(id, appointment, { request_id: newId() }), "The appointment is cancelled."),
  };
}
