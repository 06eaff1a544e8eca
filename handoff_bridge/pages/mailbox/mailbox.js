/** The mails that were kept instead of sent, newest first; asks again every few seconds. */

const EVERY_MS = 3_000;
const main = document.getElementById("mails");
let shown = "";

async function look() {
  const answer = await fetch("/dev/mailbox/mails").catch(() => null);
  if (answer?.ok) show((await answer.json()).mails);
}

function show(mails) {
  const ids = mails.map((mail) => mail.id).join();
  if (ids === shown && main.hasChildNodes()) return;
  shown = ids;
  main.replaceChildren(...(mails.length ? mails.map(article) : [element("p", "Nothing yet. Book an appointment with an e-mail address.")]));
}

function article(mail) {
  const made = document.createElement("article");
  const time = element("time", new Date(mail.sent_at).toLocaleString());
  time.dateTime = mail.sent_at;
  made.append(element("h2", mail.subject), element("p", mail.recipient), time, element("pre", mail.body));
  return made;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

look();
setInterval(look, EVERY_MS);
