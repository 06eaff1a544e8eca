/* The chat on a page: <script src="https://bridge/widget/loader.js" data-title="Chat with us" async></script>
   Elements with data-frontdesk-open open it; the value goes into the message box. Or: Frontdesk.open(text). */
(() => {
  const { src, dataset } = document.currentScript;
  const { title = "Chat", language = "" } = dataset;
  const base = new URL(".", src);
  const pageTitle = document.title;
  const add = (tag, parent) => parent.appendChild(document.createElement(tag));
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`button,iframe{position:fixed;inset-inline-end:20px;border:0;z-index:2147483000}
button{bottom:20px;width:60px;height:60px;padding:15px;border-radius:50%;background:#0f6b5c;cursor:pointer;box-shadow:0 6px 24px #0005}
button:hover{background:#0a5347}
button:focus-visible{outline:3px solid #2c5fd8;outline-offset:3px}
i{display:block;height:30px;background:#fff;clip-path:path("M4 20a11 11 0 0 1 22 0zM3 22h24v3H3zM11 5h8v2h-2v2h-4V7h-2z")}
b{position:absolute;top:-3px;inset-inline-end:-3px;min-width:22px;border-radius:11px;background:#b02a20;color:#fff;font:700 12px/22px system-ui}
iframe{bottom:92px;width:390px;height:min(640px,calc(100% - 112px));border-radius:16px;box-shadow:0 12px 48px #0005}
[hidden]{display:none}
@media (max-width:480px){iframe{inset:0;width:100%;height:100%;border-radius:0}}`);
  root.adoptedStyleSheets = [sheet];
  const button = add("button", root);
  add("i", button);
  const badge = add("b", button);
  const frame = add("iframe", root);
  let first;
  let tell = (message) => (first = message);

  function show(open, text) {
    frame.hidden = !open;
    button.ariaExpanded = open;
    tell({ frontdesk: open ? "open" : "close", text, modal: innerWidth <= 480 });
    (open ? frame : button).focus();
  }

  function unread(count) {
    const mark = count ? `(${count}) ` : "";
    badge.hidden = !count;
    badge.textContent = count;
    button.ariaLabel = mark + title;
    document.title = mark + pageTitle;
  }

  function ready() {
    tell = (message) => frame.contentWindow.postMessage(message, base.origin);
    if (first) tell(first);
  }

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== base.origin) return;
    if (data.frontdesk === "ready") ready();
    if (data.frontdesk === "close") show(false);
    if (data.frontdesk === "unread") unread(data.count);
  });
  button.onclick = () => show(frame.hidden);
  addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-frontdesk-open]");
    if (opener) show(true, opener.dataset.frontdeskOpen);
  });
  frame.title = title;
  frame.hidden = true;
  button.ariaExpanded = false;
  unread(0);
  frame.src = `${base}?language=${language}`;
  document.body.append(host);
  window.Frontdesk = { open: (text) => show(true, text), close: () => show(false) };
})();
