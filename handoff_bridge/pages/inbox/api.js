/** The inbox's API as functions. Each gives `{status, body}` or throws `Unreachable`. */

const PATH = "/inbox/api";

/** `call` is the HTTP of `shared/http.js`. The CSRF token comes with the log-in and goes with every change. */
export function createApi(call) {
  let csrf = null;

  const get = (path) => call("GET", PATH + path);
  const post = (path, body) => call("POST", PATH + path, { body, headers: csrf ? { "X-CSRF-Token": csrf } : {} });
  const patch = (path, body) => call("PATCH", PATH + path, { body, headers: csrf ? { "X-CSRF-Token": csrf } : {} });
  const of = (id) => `/conversations/${encodeURIComponent(id)}`;

  async function keepingCsrf(answer) {
    const { status, body } = await answer;
    if (status === 200) csrf = body.csrf;
    return { status, body };
  }

  return {
    me: () => keepingCsrf(get("/me")),
    login: (email, password) => keepingCsrf(post("/login", { email, password })),
    logout: () => post("/logout"),
    conversations: (queue, before) => get(`/conversations?queue=${queue}${before ? `&before=${encodeURIComponent(before)}` : ""}`),
    conversation: (id) => get(of(id)),
    messagesBefore: (id, before) => get(`${of(id)}/messages?before=${before}`),
    messagesAfter: (id, after) => get(`${of(id)}/messages?after=${after}`),
    move: (id, move) => post(`${of(id)}/moves`, move),
    reply: (id, message_id, text) => post(`${of(id)}/messages`, { message_id, text }),
    typing: (id, on) => post(`${of(id)}/typing`, { on }),
    read: (id, up_to) => post(`${of(id)}/read`, { up_to }),
    offers: () => get("/offers"),
    answerOffer: (id, answer) => post(`${of(id)}/offer`, { answer }),
    tasks: () => get("/tasks?state=open"),
    endTask: (id, state) => post(`/tasks/${id}`, { state }),
    openings: (wanted) => get(`/calendar/openings?${new URLSearchParams(wanted)}`),
    book: (id, wanted) => post(`${of(id)}/appointments`, wanted),
    moveAppointment: (id, appointment, wanted) => post(`${of(id)}/appointments/${appointment}/move`, wanted),
    cancelAppointment: (id, appointment, wanted) => post(`${of(id)}/appointments/${appointment}/cancel`, wanted),
    calendar: (wanted) => get(`/calendar?${new URLSearchParams(Object.entries(wanted).filter(([, value]) => value))}`),
    contact: (id, contact) => patch(`${of(id)}/contact`, contact),
    availability: (availability) => post("/availability", { availability }),
  };
}
