// The forms over the till. While one is open, what is scanned fills its fields.

import { groupCode, readBeep } from "../shared/scan/codes.js";
import { PATIENCE } from "../shared/scan/line.js";
import { lastFour } from "../shared/scan/seal.js";
import { send } from "../shared/send.js";
import { text } from "../shared/scan/results.js";

const EARLIER = "given out earlier"; // the note of such a lend, as lending/station writes it

const at = (id) => document.getElementById(id);

// onDone(words) after something was written down; onNotKept(error): the browser kept nothing.
export function makeSheets({ words, zone, queue, line, people, by, onDone, onNotKept }) {
  let whom = null; // who stands in the form, sealed
  const open = () => document.querySelector("dialog[open]");
  let decide = null;

  for (const button of document.querySelectorAll("[data-sheet]")) {
    button.addEventListener("click", () => {
      button.blur();
      start(button.dataset.sheet);
    });
  }
  for (const sheet of document.querySelectorAll("dialog.sheet")) {
    sheet.addEventListener("close", () => (sheet.querySelector("form").reset(), (whom = null)));
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
      if (people.shown) fillWho(people.shown.label, people.shown.sealed);
    } else {
      at("claim-day").max = at("claim-day").value = today(zone);
      cups();
    }
    sheet.showModal();
  }

  // The cups the person shown has out, one tap each instead of a code.
  function cups() {
    const list = at("claim-cups");
    const out = people.shown?.cups ?? [];
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
      const code = coded(sheet, "earlier-code");
      if (!code) return undefined;
      const typed = at("earlier-who").value.trim();
      if (!whom && typed) whom = { sealed: people.seal(readBeep(typed).text ?? typed).then(({ sealed }) => sealed), last4: lastFour(typed) };
      const borrower = whom && (await whom.sealed);
      if (whom && !borrower) return fault(sheet, words.no_key_next);
      return keep(sheet, { action: "lend", code, at: moment.toISOString(), borrower, last4: whom?.last4 ?? null, note: EARLIER, by: by() });
    },
    "sheet-claim": async (sheet) => {
      const code = coded(sheet, "claim-code");
      if (!code) return undefined;
      const said = { where: at("claim-where").value, day: at("claim-day").value };
      return finish(sheet, "/scan/claim", { code, ...said }, (body) => (!body.new ? words.claim_again : body.stops ? words.claim_done : words.claim_desk));
    },
  };

  function coded(sheet, id) {
    const read = readBeep(at(id).value);
    if (read.kind === "item") return read.code;
    fault(sheet, words.wrong_digit_next);
    at(id).focus();
    return null;
  }

  // Kept like any scan, so that it is not lost without a network either.
  async function keep(sheet, scan) {
    try {
      const record = await queue.put(scan);
      const receipt = line.isOnline ? await queue.settled(record.id, PATIENCE) : null;
      if (receipt?.result === "refused") return fault(sheet, [receipt.error?.message, receipt.error?.next_step].filter(Boolean).join(" "));
      sheet.close("ok");
      return onDone(words.earlier_done);
    } catch (error) {
      sheet.close("");
      return onNotKept(error, scan.code);
    }
  }

  // Who borrows, as far as it may be read here.
  function fillWho(label, sealed) {
    at("earlier-who").value = label ? `···· ${label}` : words.member;
    whom = { sealed, last4: label };
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

  at("earlier-who").addEventListener("input", (event) => {
    if (whom) event.target.value = event.data ?? "";
    whom = null;
  });

  return {
    // true: the scan belonged to an open form.
    takeScan(read) {
      const sheet = open();
      if (!sheet) return false;
      const field = sheet.querySelector(read.kind === "item" ? ".takes-scan" : ".takes-person");
      // A form that asks for nothing scanned makes room for the next cup.
      if (!field && !sheet.querySelector(".takes-scan")) sheet.close("");
      else if (field && read.kind === "item") field.value = groupCode(read.code);
      else if (field && read.kind === "person") fillWho(lastFour(read.text), people.seal(read.text).then(({ sealed }) => sealed));
      return sheet.open;
    },
    askReason(then) {
      decide = then;
      at("sheet-override").showModal();
    },
  };
}

// The day it is in the district, whatever zone the tablet is set to; Swedish writes it as a field does.
function today(zone) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date());
}

function local(moment) {
  const zoned = new Date(moment.getTime() - moment.getTimezoneOffset() * 60000);
  return zoned.toISOString().slice(0, 16);
}
