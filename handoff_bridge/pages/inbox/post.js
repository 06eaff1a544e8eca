/** Answers on their way to the customer: pending, then sent, or failed with a reason and a way to try again. */

const NO_ANSWER = "The server did not answer.";

export function createPost({ store, api, ask, newId }) {
  const { dispatch, get } = store;

  /** One conversation's answers go one after the other, so that they arrive in the order written. */
  const sending = new Set();

  function reply(conversation_id, text) {
    dispatch({ type: "queued", entry: { conversation_id, message_id: newId(), text, created_at: new Date().toISOString() } });
    pump(conversation_id);
  }

  function retry(message_id) {
    dispatch({ type: "retried", message_id });
    pump(get().outbox.find((entry) => entry.message_id === message_id).conversation_id);
  }

  async function pump(id) {
    if (sending.has(id)) return;
    sending.add(id);
    try {
      for (let entry = next(id); entry; entry = next(id)) await send(entry);
    } finally {
      sending.delete(id);
    }
  }

  const next = (id) => get().outbox.find((entry) => entry.conversation_id === id && entry.state === "pending");

  async function send({ conversation_id: id, message_id, text }) {
    const answer = await ask(api.reply(id, message_id, text), true);
    if (answer?.body?.conversation) dispatch({ type: "conversation", conversation: answer.body.conversation });
    if (answer?.status === 201) dispatch({ type: "accepted", id, message_id, message: answer.body.message });
    else dispatch({ type: "failed", message_id, reason: answer?.body?.error?.message ?? NO_ANSWER });
  }

  return {
    reply,
    retry,
    /** Takes a failed answer back; gives its text. */
    discard(message_id) {
      const { text } = get().outbox.find((entry) => entry.message_id === message_id);
      dispatch({ type: "discarded", message_id });
      return text;
    },
  };
}
