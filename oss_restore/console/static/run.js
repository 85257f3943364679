// A run: its progress, objects and cost.
import { useState } from "./vendor/preact-hooks.js";
import { Card, DataTable, Facts, Link, Problem, at, go, html, page, send, t } from "./ui.js";

export function RunView({ state }) {
  return html`
    <header class="card verdict ${state.tone}">
      <p class="eyebrow">${t("run")} <code>${state.run}</code></p>
      <h1 aria-live="polite">${state.sentence}</h1>
      ${state.progress && html`<p>${state.progress}</p>`}
      <p class="row">
        <span class="pill ${state.tone}">${state.status}</span>
        <span class="quiet">${state.position}</span>
        <${Link} class="button" to=${at("flows", state.flow, state.run)}>${t("showFlow")}<//>
        ${page.actions && !state.ended && html`<${Stop} run=${state.run} />`}
        ${page.actions && state.retriable && html`<${Retry} run=${state.run} />`}
      </p>
      ${state.next.map(({ label, value }) => html`<p class="next">${label} <code>${value}</code></p>`)}
    </header>
    <dl class="figures">
      ${state.figures.map(({ label, value, note }) => html`<div key=${label}>
        <dt>${label}</dt><dd>${value}</dd>${note && html`<dd class="note">${note}</dd>`}
      </div>`)}
    </dl>
    ${state.classes.length > 0 && html`<${Classes} state=${state} />`}
    ${state.alerts.length > 0 && html`<${Card} id="alerts" title=${t("alerts")}>
      <ul class="alerts" aria-live="polite">
        ${state.alerts.map(({ label, value }) => html`<li><time>${label}</time><span>${value}</span></li>`)}
      </ul>
    <//>`}
    <${Timeline} drawn=${state.timeline} />
    ${state.causes.length > 0 && html`<${Causes} causes=${state.causes} />`}
    ${state.calendar.rows.length > 0 && html`<${Card} id="calendar" title=${state.calendar.title}>
      <${DataTable} table=${state.calendar} />
    <//>`}
    ${state.cost && html`<${Card} id="cost" title=${state.cost.title}><${DataTable} table=${state.cost} /><//>`}
    ${state.input.length > 0 && html`<${Card} id="input" title=${t("input")}><${Facts} figures=${state.input} /><//>`}
    <footer class="quiet">
      <p>${state.ledger}</p>
      ${state.command && html`<p>${t("share")} <code>${state.command}</code></p>`}
    </footer>`;
}

function Classes({ state }) {
  return html`<${Card} id="classes" title=${t("classes")}>
    <div class="bars">
      ${state.classes.map((one) => html`<div key=${one.name}>
        <p class="row between"><strong>${one.name}</strong><span class="quiet">${one.objects}</span></p>
        <div class="bar" aria-hidden="true">
          ${one.parts.map(({ kind, share }) => html`<span class=${kind} ref=${(bar) => bar && (bar.style.flexGrow = share)}></span>`)}
        </div>
        <ul class="legend">
          ${one.parts.map(({ kind, label, value }) => html`<li><i class=${kind} aria-hidden="true"></i>${label} <b>${value}</b></li>`)}
        </ul>
      </div>`)}
    </div>
    <${DataTable} table=${state.results} />
    <details>
      <summary>${t("outcomes")}</summary>
      ${state.classes.map((one) => html`<h3>${one.name}</h3><${Facts} figures=${one.outcomes} />`)}
    </details>
    ${state.standings.length > 0 && html`<h3>${state.standingsTitle}</h3><${Facts} figures=${state.standings} />`}
    ${state.standingsNote && html`<p class="quiet">${state.standingsNote}</p>`}
  <//>`;
}

function Causes({ causes }) {
  return html`<${Card} id="failures" title=${t("failures")}>
    ${causes.map((cause) => html`<article class="cause">
      <header class="row between">
        <h3>${[cause.outcome, cause.code, cause.status && `HTTP ${cause.status}`].filter(Boolean).join(" · ")}</h3>
        <strong>${cause.objects}</strong>
      </header>
      ${cause.message && html`<p><code>${cause.message}</code></p>`}
      <p>${t("whatToDo")}: ${cause.advice}</p>
      <p class="quiet">${t("examples")}</p>
      <ul class="keys">${cause.examples.map((key) => html`<li><code>${key}</code></li>`)}</ul>
    </article>`)}
  <//>`;
}

function Timeline({ drawn }) {
  if (!drawn) return null;
  const lines = [["one", drawn.submitted], ["two", drawn.readable]].filter(([, line]) => line);
  return html`<${Card} id="timeline" title=${t("timeline")}>
    <ul class="legend">
      <li><i class="sent" aria-hidden="true"></i>${t("requested")}</li>
      ${drawn.readable && html`<li><i class="ready" aria-hidden="true"></i>${t("readable")}</li>`}
    </ul>
    <div class="scroll" tabindex="0" role="group" aria-label=${t("timeline")}>
    <svg class="chart" viewBox="0 0 ${drawn.width} ${drawn.height}" role="img" aria-labelledby="timeline">
      ${drawn.counts.map((tick) => html`
        <line class="grid" x1=${drawn.left} x2=${drawn.right} y1=${tick.at} y2=${tick.at} />
        <text x=${drawn.left - 10} y=${tick.at + 4} text-anchor="end">${tick.label}</text>`)}
      ${drawn.times.map((tick) => html`<text x=${tick.at} y=${drawn.bottom + 24} text-anchor="middle">${tick.label}</text>`)}
      ${lines.map(([kind, line]) => html`<path class="area ${kind}" d=${line.area} /><path class="line ${kind}" d=${line.line} />
        ${line.dots.map(([x, y]) => html`<circle class="dot ${kind}" cx=${x} cy=${y} r="3.5" />`)}`)}
    </svg>
    </div>
  <//>`;
}

// A button for an action that needs a confirmation.
function Action({ text, act, ...rest }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const click = async () => {
    setBusy(true);
    try {
      setProblem(await act());
    } catch (error) {
      setProblem(error.message);
    }
    setBusy(false);
  };
  return html`<button type="button" disabled=${busy} onClick=${click} ...${rest}>${text}</button><${Problem} text=${problem} />`;
}

function Stop({ run }) {
  const stop = async () => (confirm(t("confirmStop")) ? (await send(`/api${at("runs", run)}/stop`)).note : "");
  return html`<${Action} class="danger" text=${t("stop")} act=${stop} />`;
}

function Retry({ run }) {
  const retry = async () => {
    const offered = await send(`/api${at("runs", run)}/offer-retry`);
    if (!confirm(offered.question)) return;
    await send(`/api${at("runs", run)}/retry`, { run: offered.run });
    go(at("runs", offered.run));
  };
  return html`<${Action} text=${t("retry")} act=${retry} />`;
}
