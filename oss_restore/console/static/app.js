// The page, which selects the view for an address.
import { render } from "./vendor/preact.js";
import { useEffect, useState } from "./vendor/preact-hooks.js";
import { Link, Problem, ask, html, page, t } from "./ui.js";
import { useFeed } from "./live.js";
import { RunsView } from "./runs.js";
import { RunView } from "./run.js";
import { FlowView } from "./flow.js";
import { CloudView } from "./cloud.js";

const VIEWS = [
  [/^\/$/, RunsView, () => "/api/feeds/runs", () => t("runs")],
  [/^\/runs\/([^/]+)$/, RunView, (run) => `/api/feeds/runs/${run}`, (run) => run],
  [/^\/flows\/([^/]+)\/([^/]+)$/, FlowView, (flow, name) => `/api/feeds/flows/${flow}/${name}`, (flow, name) => `${name} · ${flow}`],
  [/^\/cloud$/, CloudView, () => "/api/feeds/cloud", () => t("cloud")],
];

function route(path) {
  for (const [pattern, View, feed, title] of VIEWS) {
    const found = pattern.exec(path);
    if (found) {
      const names = found.slice(1);
      return { View, feed: feed(...names), title: title(...names.map(decodeURIComponent)) };
    }
  }
  return null;
}

function Connection({ live }) {
  const [kind, text] = live.final
    ? ["over", t("over")]
    : live.connected
      ? ["live", t("live")]
      : live.state
        ? ["cut", t("disconnected")]
        : ["over", t("connecting")];
  return html`<p class="connection ${kind}" role="status"><span aria-hidden="true"></span>${text}</p>`;
}

// Buttons for the other languages, each with its own name.
function Languages() {
  return page.languages
    .filter(({ tag }) => tag !== page.language)
    .map(({ language, tag, name }) => html`<button type="button" class="plain" lang=${tag} onClick=${() => speak(language)}>${name}</button>`);
}

function speak(language) {
  document.cookie = `oss-restore-language=${language}; path=/; max-age=31536000; SameSite=Strict`;
  return begin();
}

function Screen({ View, feed, title, path }) {
  const live = useFeed(feed);
  useEffect(() => {
    document.title = `${title} · ${page.name} · oss-restore`;
  }, [title]);
  return html`
    <header class="top">
      <${Link} to="/" class="brand">oss-restore<//>
      <p class="where">${page.name} · ${page.region}${page.actions ? "" : ` · ${t("readOnly")}`}</p>
      <nav aria-label="oss-restore">
        <${Link} to="/" aria-current=${path === "/" ? "page" : undefined}>${t("runs")}<//>
        ${page.local && html`<${Link} to="/cloud" aria-current=${path === "/cloud" ? "page" : undefined}>${t("cloud")}<//>`}
      </nav>
      <${Connection} live=${live} />
      <${Languages} />
    </header>
    <main id="main" tabindex="-1">
      <${Problem} text=${live.problem} />
      ${live.state ? html`<${View} state=${live.state} />` : !live.problem && html`<p class="quiet">${t("loading")}</p>`}
    </main>`;
}

function App() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const moved = () => {
      setPath(location.pathname);
      document.getElementById("main")?.focus();
      scrollTo(0, 0);
    };
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const found = route(path);
  if (!found) return html`<main><p>${t("notFound")} <${Link} to="/">${t("runs")}<//></p></main>`;
  return html`<${Screen} key=${`${page.language} ${path}`} path=${path} ...${found} />`;
}

async function begin() {
  Object.assign(page, await ask("/api/page"));
  document.documentElement.lang = page.language;
  render(html`<${App} language=${page.language} />`, document.getElementById("app"));
}

await begin();
