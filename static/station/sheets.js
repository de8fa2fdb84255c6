// The forms over the till. While one is open, what is scanned fills its fields.

import { newId } from "../shared/scan/ids.js";
import { groupCode, readBeep } from "../shared/scan/codes.js";
import { send } from "../shared/send.js";
import { text } from "../shared/scan/results.js";

const at = (id) => document.getElementById(id);

// person(): who is shown; onDone(words) after something was written down.
export function makeSheets({ words, site, person, onDone }) {
  const open = () => document.querySelector("dialog[open]");
  let decide = null;

  for (const button of document.querySelectorAll("[data-sheet]")) {
    button.addEventListener("click", () => {
      button.blur();
      start(button.dataset.sheet);
    });
  }
  for (const sheet of document.querySelectorAll("dialog.sheet")) {
    sheet.addEventListener("click", (event) => event.target === sheet && sheet.close(""));
    sheet.querySelector("form").addEventListener("submit", (event) => {
      if (event.submitter?.value !== "ok") return;
      if (sheet.id !== "sheet-override") event.preventDefault();
      SUBMIT[sheet.id](sheet);
    });
  }

  function start(name) {
    const sheet = at(`sheet-${name}`);
    sheet.querySelector("form").reset();
    fault(sheet, "");
    if (name === "earlier") {
      at("earlier-at").value = local(new Date(Date.now() - 30 * 60000));
      at("earlier-at").max = local(new Date());
      const shown = person();
      at("earlier-who").value = shown?.label ? `···· ${shown.label}` : "";
      at("earlier-who").dataset.ticket = shown?.ticket ?? "";
    } else {
      at("claim-day").max = at("claim-day").value = local(new Date()).slice(0, 10);
      cups();
    }
    sheet.showModal();
  }

  // The cups the person shown has out, one tap each instead of a code.
  function cups() {
    const list = at("claim-cups");
    const out = person()?.cups ?? [];
    list.hidden = out.length === 0;
    list.replaceChildren(
      ...out.map((cup) => {
        const button = text("button", `${groupCode(cup.code)} · ${cup.name} · ${cup.since}`, "btn");
        button.type = "button";
        button.addEventListener("click", () => (at("claim-code").value = groupCode(cup.code)));
        return button;
      }),
    );
  }

  const SUBMIT = {
    "sheet-override": (sheet) => decide?.(new FormData(sheet.querySelector("form")).get("reason")),
    "sheet-earlier": async (sheet) => {
      const moment = new Date(at("earlier-at").value);
      if (moment > new Date()) return fault(sheet, words.future);
      const who = at("earlier-who");
      const borrower = who.dataset.ticket || readBeep(who.value).text || who.value.trim() || null;
      const code = coded(sheet, "earlier-code");
      if (!code) return undefined;
      const body = { id: newId(), code, at: moment.toISOString(), sent_at: new Date().toISOString(), borrower, site };
      return finish(sheet, "/scan/earlier", body, () => words.earlier_done);
    },
    "sheet-claim": async (sheet) => {
      const code = coded(sheet, "claim-code");
      if (!code) return undefined;
      const said = `${at("claim-where").value} · ${at("claim-day").value}`;
      return finish(sheet, "/scan/claim", { code, said }, (body) => (body.new ? words.claim_done : words.claim_again));
    },
  };

  function coded(sheet, id) {
    const read = readBeep(at(id).value);
    if (read.kind === "item") return read.code;
    fault(sheet, words.wrong_digit_next);
    at(id).focus();
    return null;
  }

  async function finish(sheet, path, body, told) {
    const button = sheet.querySelector(".btn-primary");
    button.disabled = true;
    try {
      const answer = await send(path, body);
      if (!answer.ok) {
        const error = answer.body.error;
        const missing = path === "/scan/claim" && error?.code === "not_found";
        return fault(sheet, missing ? words.not_out : error ? `${error.message} ${error.next_step}` : words.failed);
      }
      sheet.close("ok");
      return onDone(told(answer.body));
    } catch {
      return fault(sheet, words.failed);
    } finally {
      button.disabled = false;
    }
  }

  function fault(sheet, message) {
    const line = sheet.querySelector(".field-error");
    if (!line) return;
    line.textContent = message;
    line.hidden = !message;
  }

  at("earlier-who").addEventListener("input", () => (at("earlier-who").dataset.ticket = ""));

  return {
    // true: the scan belonged to an open form.
    takeScan(read) {
      const sheet = open();
      if (!sheet) return false;
      const field = sheet.querySelector(read.kind === "item" ? ".takes-scan" : ".takes-person");
      if (field && read.kind === "item") field.value = groupCode(read.code);
      if (field && read.kind === "person") {
        field.value = read.text;
        field.dataset.ticket = "";
      }
      return true;
    },
    askReason(then) {
      decide = then;
      at("sheet-override").showModal();
    },
  };
}

function local(moment) {
  const zoned = new Date(moment.getTime() - moment.getTimezoneOffset() * 60000);
  return zoned.toISOString().slice(0, 16);
}
