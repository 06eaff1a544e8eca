/** What the front desk asks of an agent beside the talk: offers to answer, tasks to do, and what is known of a customer to keep right. */

/** `ask(promise, isQuiet)` and `tell(text, tone)` are the desk's. */
export function createDuties({ store, api, ask, tell, conversationsAre }) {
  const { dispatch } = store;
  const sorry = (answer) => tell(answer.body?.error?.message ?? "That did not work. Please try again.", "bad");

  async function loadOffers() {
    const answer = await ask(api.offers(), true);
    if (answer?.status === 200) dispatch({ type: "offers", offers: answer.body.offers });
  }

  /** Says yes or no to an offer; one that is over by then is told, and goes. */
  async function answerOffer(id, word) {
    dispatch({ type: "offerGone", id });
    const answer = await ask(api.answerOffer(id, word));
    if (answer?.body?.conversation) conversationsAre([answer.body.conversation]);
    if (answer && answer.status >= 400) sorry(answer);
    await loadOffers();
    return answer?.status === 200;
  }

  async function loadTasks() {
    const answer = await ask(api.tasks(), true);
    if (answer?.status === 200) dispatch({ type: "tasks", tasks: answer.body.tasks });
    else dispatch({ type: "tasksFailed" });
  }

  async function endTask(id, state) {
    const answer = await ask(api.endTask(id, state));
    if (answer && answer.status !== 200) sorry(answer);
    await loadTasks();
  }

  /** Gives null when it was kept, else what is wrong. */
  async function keepContact(id, contact) {
    const answer = await ask(api.contact(id, contact));
    if (!answer) return "Not saved.";
    if (answer.status !== 200) return answer.body?.error?.message ?? "That did not work. Please try again.";
    conversationsAre([answer.body.conversation]);
    return null;
  }

  return { loadOffers, answerOffer, loadTasks, endTask, keepContact };
}
