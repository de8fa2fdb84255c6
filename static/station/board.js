// Today's counts, the last scans and open alerts, asked for after each answer and every minute.

import { send } from "../shared/send.js";
import { block, icon, text } from "../shared/scan/results.js";

const at = (id) => document.getElementById(id);

export function makeBoard({ site, icons, words, onScans }) {
  const address = `/scan/board${site ? `?site=${encodeURIComponent(site)}` : ""}`;
  let timer = 0;

  async function load() {
    clearTimeout(timer);
    timer = setTimeout(load, 60000);
    if (document.hidden) return;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return;
      show(await answer.json());
    } catch {
      // Offline: what stood here stays.
    }
  }

  function show(board) {
    at("count-lent").textContent = board.lent;
    at("count-returned").textContent = board.returned;
    at("count-clean").textContent = board.clean_here;
    at("count-collect").textContent = board.to_collect;
    onScans(board.scans);
    at("alerts").hidden = board.alerts.length === 0;
    at("alerts").replaceChildren(...board.alerts.slice(0, 2).map(alertRow));
  }

  function alertRow(alert) {
    const button = text("button", words.seen, "btn");
    button.type = "button";
    button.addEventListener("click", async () => {
      button.disabled = true;
      await send("/scan/seen", { alert: alert.id }).catch(() => {});
      load();
    });
    return block("alert-row", [icon(icons, "warning"), text("p", alert.words), button]);
  }

  return {
    load,
    soon() {
      clearTimeout(timer);
      timer = setTimeout(load, 700);
    },
  };
}
