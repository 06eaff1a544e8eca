/** The log-in. */
import { html, useEffect, useRef, useState } from "/shared/ui.js";
import { Icon } from "/shared/icons.js";

const SENTENCES = {
  401: "That address and password do not belong together.",
  429: "Too many tries. Please wait a quarter of an hour.",
  null: "The server does not answer. Please try again in a moment.",
};

export function Login({ desk }) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState(null);
  const email = useRef();
  const password = useRef();
  useEffect(() => email.current.focus(), []);

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const { status, message } = await desk.login(email.current.value.trim(), password.current.value);
    if (status === 200) return;
    setBusy(false);
    setFailure(SENTENCES[status] ?? message ?? "Logging in did not work. Please try again.");
    password.current.select();
  };

  return html`<main class="login">
    <form class="login-card" onSubmit=${submit} aria-labelledby="login-title">
      <span class="brand-mark big"><${Icon} name="bell" /></span>
      <h1 id="login-title">Inbox</h1>
      <p class="soft">Log in to answer your customers.</p>
      <label>E-mail<input ref=${email} type="email" name="email" autocomplete="username" required /></label>
      <label>Password<input ref=${password} type="password" name="password" autocomplete="current-password" required /></label>
      <p class="failure" role="alert">${failure}</p>
      <button type="submit" class="button primary wide" disabled=${isBusy}>${isBusy ? "One moment…" : "Log in"}</button>
    </form>
  </main>`;
}
