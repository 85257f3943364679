// An execution: its flow as a picture with the state of every step, and a step's visits.
import { useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact-hooks.js";
import { Facts, Link, Problem, Status, ask, at, html, page, t } from "./ui.js";

const STEPS = "[data-step]";
const boxOf = (group) => group.querySelector(":scope > .box");

export function FlowView({ state }) {
  const { flow, execution } = state;
  const [step, setStep] = useState(null);
  const parent = new URLSearchParams(location.search).get("from");
  const isRun = flow === page.mainFlow;
  return html`
    <header class="row between">
      <div>
        <p class="eyebrow">${t("flow")} <code>${flow}</code></p>
        <h1><code>${execution}</code></h1>
      </div>
      <p class="row">
        <${Status} status=${state.status} />
        ${parent?.startsWith("/flows/") && html`<${Link} class="button" to=${parent}>${t("parent")}<//>`}
        ${isRun && html`<${Link} class="button" to=${at("runs", execution)}>${t("showRun")}<//>`}
      </p>
    </header>
    <${Facts} figures=${state.figures} />
    ${state.error && html`<p class="problem"><strong>${state.error}</strong> ${state.cause}</p>`}
    <details>
      <summary>${t("inputOutput")}</summary>
      <h3>${t("input")}</h3><pre tabindex="0">${state.input}</pre>
      ${state.output && html`<h3>${t("output")}</h3><pre tabindex="0">${state.output}</pre>`}
    </details>
    <div class="split">
      <${Picture} flow=${flow} steps=${state.steps} chosen=${step} choose=${setStep} />
      ${step !== null && html`<${StepPanel} key=${step.name} state=${state} step=${step} close=${() => setStep(null)} />`}
    </div>`;
}

// The server's drawing, with the states of its steps; other steps are listed below.
function Picture({ flow, steps, chosen, choose }) {
  const frame = useRef();
  const [drawing, setDrawing] = useState(undefined);
  const drawn = drawing ? [...drawing.querySelectorAll(STEPS)] : [];
  const names = new Set(drawn.map((group) => group.dataset.step));
  const others = drawing === undefined ? [] : Object.keys(steps).filter((name) => !names.has(name));
  useEffect(() => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.onload = () => setDrawing(request.status === 200 ? document.importNode(request.responseXML.documentElement, true) : null);
    request.onerror = () => setDrawing(null);
    request.open("GET", `/api${at("flows", flow)}/picture`);
    request.send();
    return () => request.abort();
  }, [flow]);
  useLayoutEffect(() => {
    if (!drawing) return;
    frame.current.replaceChildren(drawing);
    drawing.setAttribute("role", "group"); // an image would hide its contents from screen readers
    for (const group of drawing.querySelectorAll(STEPS)) {
      const open = () => choose({ name: group.dataset.step, flow: group.dataset.flow });
      group.onclick = (event) => (event.stopPropagation(), open());
      // The button is the step's own box, since the group may hold other steps.
      const box = boxOf(group);
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "button");
      box.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
      };
    }
  }, [drawing]);
  useLayoutEffect(() => {
    for (const group of drawn) {
      const name = group.dataset.step;
      const { state = "", count = "" } = steps[name] ?? {};
      group.dataset.state = state;
      boxOf(group).setAttribute("aria-label", [name, t(state), count].filter(Boolean).join(", "));
      boxOf(group).setAttribute("aria-pressed", String(chosen?.name === name));
      group.querySelector(":scope > .count").textContent = count;
    }
  });
  return html`<div class="card picture">
    ${drawing === undefined && html`<p class="quiet">${t("loading")}</p>`}
    ${drawing === null && html`<p class="quiet">${t("noPicture")}</p>`}
    <div class="scroll" ref=${frame} tabindex="0" role="group" aria-label=${t("flow")}></div>
    ${others.length > 0 && html`<ul class="chips">
      ${others.map((name) => html`<li><button type="button" class=${steps[name].state} onClick=${() => choose({ name })}>${name} ${steps[name].count}</button></li>`)}
    </ul>`}
  </div>`;
}

function StepPanel({ state, step, close }) {
  const { flow, execution } = state;
  const about = state.steps[step.name];
  const [wanted, setWanted] = useState("all");
  const [found, setFound] = useState({ visits: [], before: 0 });
  const [problem, setProblem] = useState("");
  const panel = useRef();
  const address = (before) => `/api${at("flows", flow, execution, "steps", wanted, before, step.name)}`;
  const load = async (before, kept) => {
    try {
      const more = await ask(address(before));
      setFound({ visits: [...kept, ...more.visits], before: more.before });
      setProblem("");
    } catch (error) {
      setProblem(error.message);
    }
  };
  useEffect(() => void load(0, []), [wanted, JSON.stringify(about)]);
  useEffect(() => panel.current.focus(), []);
  const leave = (event) => event.key === "Escape" && close();
  return html`<aside class="card step" ref=${panel} tabindex="-1" aria-label=${step.name} onKeyDown=${leave}>
    <div class="row between">
      <h2><code>${step.name}</code></h2>
      <button type="button" onClick=${close}>${t("close")}</button>
    </div>
    ${about ? html`<${Facts} figures=${about.figures} />` : html`<p class="quiet">${t("notVisited")}</p>`}
    ${step.flow && html`<${Children} flow=${step.flow} state=${state} since=${about?.first} />`}
    ${about && html`<label class="row">${t("show")}
      <select value=${wanted} onChange=${(event) => setWanted(event.target.value)}>
        ${["all", "running", "failed"].map((kind) => html`<option value=${kind}>${t(kind)}</option>`)}
      </select>
    </label>`}
    <${Problem} text=${problem} />
    <ol class="visits">
      ${found.visits.map((visit) => html`<${Visit} key=${visit.id} visit=${visit} flow=${flow} execution=${execution} />`)}
    </ol>
    ${found.before > 0 && html`<button type="button" onClick=${() => load(found.before, found.visits)}>${t("more")}</button>`}
  </aside>`;
}

const down = (flow, name) => `${at("flows", flow, name)}?from=${encodeURIComponent(location.pathname + location.search)}`;

function Visit({ visit, flow, execution }) {
  const [contents, setContents] = useState(null);
  const [problem, setProblem] = useState("");
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    ask(`/api${at("flows", flow, execution, "visits", visit.id)}`).then(setContents, (error) => setProblem(error.message));
  }, [isOpen, visit.status, visit.retries]);
  return html`<li class=${visit.status}>
    <p class="row">
      <span class="pill ${visit.status}">${t(visit.status)}</span>
      <time>${visit.entered}</time>
      <span>${visit.took}</span>
      ${visit.retries && html`<span>${t("retries")}: ${visit.retries}</span>`}
      ${visit.child.length > 0 && html`<${Link} to=${down(...visit.child)}>${t("open")} <code>${visit.child[1]}</code><//>`}
    </p>
    ${visit.error && html`<p class="wrong"><strong>${visit.error}</strong> ${visit.cause}</p>`}
    <details onToggle=${(event) => setOpen(event.target.open)}>
      <summary>${t("inputOutput")}</summary>
      <${Problem} text=${problem} />
      ${contents && html`
        ${contents.failures.length > 0 && html`<h3>${t("failedAttempts")}</h3><${Facts} figures=${contents.failures} />`}
        ${contents.texts.map(({ label, value }) => html`<h3>${label}</h3><pre tabindex="0">${value}</pre>`)}`}
    </details>
  </li>`;
}

// Executions of a child flow that were started during this one, by any execution.
function Children({ flow, state, since }) {
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const load = async (until, kept) => {
    try {
      const more = await ask(`/api${at("flows", flow, "executions", since ?? state.started, until)}`);
      setFound({ executions: [...kept, ...more.executions], until: more.until });
      setProblem("");
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`<details class="children" onToggle=${(event) => event.target.open && load(state.stopped, [])}>
    <summary>${t("executionsOf")} <code>${flow}</code></summary>
    <${Problem} text=${problem} />
    ${found && html`<ol class="visits">
      ${found.executions.map((one) => html`<li key=${one.name}><p class="row">
        <${Status} status=${one.status} /> <time>${one.started}</time> <span>${one.took}</span>
        <${Link} to=${down(one.flow, one.name)}><code>${one.name}</code><//>
      </p></li>`)}
    </ol>`}
    ${found?.until && html`<button type="button" onClick=${() => load(found.until, found.executions)}>${t("more")}</button>`}
  </details>`;
}
