// The local cloud: its clock, faults, buckets and meters.
import { useState } from "./vendor/preact-hooks.js";
import { Card, DataTable, Facts, Problem, ask, at, html, page, send, t } from "./ui.js";

export function CloudView({ state }) {
  const [problem, setProblem] = useState("");
  const act = async (action, given) => {
    try {
      await send(`/api/cloud/${action}`, given);
      setProblem("");
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`
    <h1>${t("cloud")}</h1>
    <${Problem} text=${problem} />
    <${Clock} state=${state} act=${act} />
    <${Card} id="buckets" title=${t("buckets")}>
      ${state.buckets.map((bucket) => html`<${Bucket} key=${bucket.name} bucket=${bucket} />`)}
      ${state.buckets.length === 0 && html`<p class="quiet">${t("none")}</p>`}
    <//>
    <${Faults} faults=${state.faults} act=${act} />
    <${Card} id="meters" title=${t("meters")}><${Facts} figures=${state.meters} /><//>
    <${Card} id="resources" title=${t("resources")}><${Facts} figures=${state.resources} /><//>`;
}

function Clock({ state, act }) {
  const [time, setTime] = useState("1h");
  const advance = (event) => {
    event.preventDefault();
    act("advance", { time });
  };
  return html`<${Card} id="clock" title=${t("clock")}>
    <p class="now">${state.now}</p>
    ${state.heldByOthers && html`<p class="quiet">${t("heldByOthers")}: ${state.heldByOthers}</p>`}
    ${!state.timeLapse && html`<p class="quiet">${t("realTime")}</p>`}
    ${page.actions && html`<form class="row" onSubmit=${advance}>
      <button type="button" aria-pressed=${state.held} onClick=${() => act(state.held ? "release" : "hold")}>${t(state.held ? "release" : "hold")}</button>
      <label class="row">${t("advanceBy")}
        <input value=${time} size="6" onInput=${(event) => setTime(event.target.value)} />
      </label>
      <button>${t("advance")}</button>
    </form>`}
  <//>`;
}

const FIELDS = ["operation", "target", "status", "code", "seconds", "rate", "times"];

function Faults({ faults, act }) {
  const add = (event) => {
    event.preventDefault();
    act("add-fault", Object.fromEntries(new FormData(event.target)));
  };
  const choice = (name, values) => html`<label>${name}
    <select name=${name}>${values.map((value) => html`<option>${value}</option>`)}</select>
  </label>`;
  return html`<${Card} id="faults" title=${t("faults")}>
    ${faults.length === 0 && html`<p class="quiet">${t("none")}</p>`}
    <ul class="visits">
      ${faults.map(({ number, figures }) => html`<li key=${number} class="row between">
        <span class="row">${figures.map(({ label, value }) => html`<span><span class="quiet">${label}</span> <code>${value}</code></span>`)}</span>
        ${page.actions && html`<button type="button" class="danger" onClick=${() => act("remove-fault", { number })}>${t("remove")}</button>`}
      </li>`)}
    </ul>
    ${page.actions && html`<form class="fields" onSubmit=${add}>
      ${choice("service", ["oss", "fc", "fnf"])}
      ${choice("kind", ["error", "late_error", "reset", "delay", "crash", "duplicate"])}
      ${FIELDS.map((name) => html`<label>${name} <input name=${name} size="12" autocomplete="off" /></label>`)}
      <button>${t("addFault")}</button>
    </form>`}
  <//>`;
}

function Bucket({ bucket }) {
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const load = async (after, kept) => {
    try {
      const more = await ask(`/api/cloud${at("buckets", bucket.name, after)}`);
      setFound({ ...more, rows: [...kept, ...more.rows] });
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`<article>
    <h3><code>${bucket.name}</code></h3>
    <${DataTable} table=${bucket.table} />
    <details onToggle=${(event) => event.target.open && load("", [])}>
      <summary>${t("objects")}</summary>
      <${Problem} text=${problem} />
      ${found && html`<${DataTable} table=${{ ...found, title: bucket.name, total: [], note: "" }} />`}
      ${found?.after && html`<button type="button" onClick=${() => load(found.after, found.rows)}>${t("more")}</button>`}
    </details>
  </article>`;
}
