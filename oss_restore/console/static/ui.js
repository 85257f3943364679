// Code for all views: markup, the page's texts, links and small components.
import { h } from "./vendor/preact.js";
import htm from "./vendor/htm.js";

export const html = htm.bind(h);

// The document of /api/page, loaded before anything is shown.
export const page = { texts: {} };

export const t = (name) => page.texts[name] ?? name;

export const at = (...parts) => "/" + parts.map(encodeURIComponent).join("/");

export function go(path) {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

// A link within the page; the browser handles everything except plain clicks.
export function Link({ to, children, ...rest }) {
  const follow = (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return html`<a href=${to} onClick=${follow} ...${rest}>${children}</a>`;
}

export function Card({ id, title, children }) {
  return html`<section class="card" aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </section>`;
}

export function Facts({ figures }) {
  return html`<dl class="facts">
    ${figures.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}
  </dl>`;
}

export function DataTable({ table }) {
  const { title, columns, rows, total, note } = table;
  const cells = (row) => row.map((cell, n) => (n ? html`<td>${cell}</td>` : html`<th scope="row">${cell}</th>`));
  return html`
    ${rows.length > 0 && html`<div class="scroll" tabindex="0" role="group" aria-label=${title}>
      <table>
        <thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody>
        ${total.length > 0 && html`<tfoot><tr>${cells(total)}</tr></tfoot>`}
      </table>
    </div>`}
    ${note && html`<p class="quiet">${note}</p>`}`;
}

export function Problem({ text }) {
  return text ? html`<p class="problem" role="alert">${text}</p>` : null;
}

export function Status({ status, bad }) {
  const kind = bad || status === "Failed" || status === "TimedOut" ? "bad" : status === "Succeeded" ? "good" : "open";
  return html`<span class="pill ${kind}">${status}</span>`;
}

export async function ask(path, options) {
  const response = await fetch(path, options);
  const document = await response.json();
  if (!response.ok) throw new Error(document.problem);
  return document;
}

export const send = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
