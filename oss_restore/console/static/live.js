// A feed of the server, followed while the page is visible.
import { useEffect, useState } from "./vendor/preact-hooks.js";

const RETRY_MILLISECONDS = 2000;
const NOTHING = { state: null, problem: "", final: false, connected: false };

export function useFeed(path) {
  const [live, setLive] = useState(NOTHING);
  useEffect(() => {
    let source, retry, final = false;
    const close = () => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
    };
    const open = () => {
      close();
      if (final || document.hidden) return;
      source = new EventSource(path);
      source.onopen = () => setLive((before) => ({ ...before, connected: true }));
      source.onmessage = (event) => {
        const update = JSON.parse(event.data);
        final = update.final;
        setLive({ ...update, connected: true });
        if (final) close();
      };
      source.onerror = () => {
        setLive((before) => ({ ...before, connected: false }));
        // The browser reconnects automatically after a disconnect, but not after a refusal.
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MILLISECONDS);
      };
    };
    setLive(NOTHING);
    open();
    document.addEventListener("visibilitychange", open);
    return () => {
      document.removeEventListener("visibilitychange", open);
      close();
    };
  }, [path]);
  return live;
}
