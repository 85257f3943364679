// The list of runs.
import { useState } from "./vendor/preact-hooks.js";
import { Link, Problem, Status, ask, at, html, t } from "./ui.js";

// A filter of the list, which is also in the address to be shared and restored by the back button.
function useFilter(name) {
  const [value, setValue] = useState(new URLSearchParams(location.search).get(name) ?? "");
  const change = (wanted) => {
    const search = new URLSearchParams(location.search);
    if (wanted) search.set(name, wanted);
    else search.delete(name);
    history.replaceState(null, "", search.size ? `?${search}` : location.pathname);
    setValue(wanted);
  };
  return [value, change];
}

export function RunsView({ state }) {
  const [words, setWords] = useFilter("q");
  const [status, setStatus] = useFilter("status");
  const [earlier, setEarlier] = useState([]);
  const [before, setBefore] = useState(null);
  const [problem, setProblem] = useState("");
  const names = new Set(state.runs.map((run) => run.run));
  const runs = [...state.runs, ...earlier.filter((run) => !names.has(run.run))];
  const statuses = [...new Set(runs.map((run) => run.status))].sort();
  const wanted = words.toLowerCase().split(/\s+/);
  const matches = (run) => {
    const text = [run.run, run.kind, run.status, ...run.cells].join(" ").toLowerCase();
    return (!status || run.status === status) && wanted.every((word) => text.includes(word));
  };
  const shown = runs.filter(matches);
  const next = before ?? state.before;
  const load = async () => {
    try {
      const found = await ask(`/api/runs/before/${encodeURIComponent(next)}`);
      setEarlier([...earlier, ...found.runs]);
      setBefore(found.before);
      setProblem("");
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`
    <h1>${t("runs")}</h1>
    <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label><span>${t("filter")}</span>
        <input type="search" value=${words} onInput=${(event) => setWords(event.target.value)} />
      </label>
      <label><span>${t("status")}</span>
        <select value=${status} onChange=${(event) => setStatus(event.target.value)}>
          <option value="">${t("all")}</option>
          ${statuses.map((name) => html`<option value=${name}>${name}</option>`)}
        </select>
      </label>
    </form>
    <div class="card flush">
      <table class="runs">
        <thead><tr>${state.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${shown.map((run) => html`<tr key=${run.run}>
            <th scope="row"><${Link} to=${at("runs", run.run)}>${run.run}<//>${run.kind && html` <span class="quiet">${run.kind}</span>`}</th>
            <td data-label=${state.columns[1]}><${Status} status=${run.status} bad=${run.bad} /></td>
            ${run.cells.map((cell, n) => html`<td data-label=${state.columns[n + 2]}>${cell}</td>`)}
          </tr>`)}
        </tbody>
      </table>
      ${shown.length === 0 && html`<p class="quiet empty">${t("noRuns")}</p>`}
    </div>
    <${Problem} text=${problem} />
    ${next && html`<button type="button" onClick=${load}>${t("earlier")}</button>`}`;
}
