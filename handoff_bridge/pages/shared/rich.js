/** A text drawn as text: its lines, its numbered offers as a list, its http addresses as links. */
import { html } from "/shared/ui.js";
import { blocks, pieces } from "/shared/text.js";

export const RichText = ({ text }) => blocks(text).map((block) => (block.kind === "list" ? numbered(block.items) : html`<p>${inline(block.text)}</p>`));

const numbered = (items) => html`<ol class="offers">
  ${items.map((item) => html`<li value=${item.number}><span class="offer-number" aria-hidden="true">${item.number}</span><span>${inline(item.text)}</span></li>`)}
</ol>`;

const inline = (text) =>
  pieces(text).map((piece) => (piece.href ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>` : piece.text));
