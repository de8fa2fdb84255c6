// A cup under the reader: kept first, then asked about; without an answer in time, or without a
// network, decided here from what the station knows.

import { send } from "../shared/send.js";
import { PATIENCE } from "../shared/scan/line.js";
import { meanOffline } from "../shared/scan/offline.js";

const HERE = new Set(["recorded", "repeated"]);

// onAnswer(record, answer, person): the server's word. onLocal({record, scan, verdict,
// letter, kind, inside, person, taken}): the station's own; `record` is what is kept, `inside` what a
// crate holds, `taken` a return beside. onSlow(code): a question still open after a moment.
// onNotKept(error): the browser kept nothing, the scan was not taken.
export function makeBeeps({ queue, line, snapshot, onAnswer, onLocal, onSlow, onNotKept }) {
  // person: {sealed, label, isPaused} or null. reason: why staff lend it all the same; with
  // `insists` it has been handed out already. takenIn: the return that this lend takes back.
  async function beep({ id, code, person = null, stocking = false, reason = null, insists = false, takenIn = null }) {
    const began = performance.now();
    const lends = person && !stocking;
    const scan = { id, code, borrower: lends ? await person.sealed : null, last4: lends ? person.label : null, by: snapshot.known?.by ?? null };
    scan.override = lends ? (reason ?? (person.group ? "group" : null)) : null;
    try {
      if (insists) return await settle({ scan, person, verdict: { action: "lend" }, takenIn });
      if (!line.isOnline) return await settle({ scan, person, verdict: mean(scan, person, stocking) });
      const record = await queue.put({ ...scan, action: stocking ? "stock" : null }, "ask");
      return await question(record, { person, stocking, began });
    } catch (error) {
      return onNotKept(error, code);
    }
  }

  function mean(scan, person, stocking) {
    const paused = Boolean(person?.isPaused());
    return meanOffline({ letter: snapshot.letterOf(scan.code), person: scan.borrower !== null, paused, stocking });
  }

  // -- asked ----------------------------------------------------------------------------------

  async function question(record, { person, stocking, began }) {
    const slow = setTimeout(onSlow, 400, record.code);
    const asking = ask(record, stocking);
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE - (performance.now() - began), null));
    const answer = await Promise.race([asking, late]);
    clearTimeout(slow);
    if (answer) {
      const gone = queue.replace(record.id);
      // Recorded: should it stay, it is sent again and known. Refused: it must be gone before
      // anybody hears of it, or it would go as something that has happened.
      if (HERE.has(answer.result)) {
        snapshot.note(answer.code, answer.action, answer.crate);
        gone.catch(() => {});
      } else await gone;
      return onAnswer(record, answer, person);
    }
    line.fall();
    const verdict = mean(record, person, stocking);
    asking.then((told) => told && tooLate(record, verdict, told));
    await settle({ scan: record, person, verdict, asked: true });
    return queue.flush();
  }

  // The answer, or null when none came that can be believed.
  async function ask(record, stocking) {
    const { id, code, at, seq, borrower, override, by, site } = record;
    const body = () => ({
      id, code, at, seq, borrower, override, by, site, stocking, sent_at: new Date().toISOString(), clock_error: record.clock_error,
    });
    const answer = await send("/scan/beep", body).catch(() => null);
    return answer?.ok ? answer.body : null;
  }

  // The station has told its people something meanwhile. The same word is the receipt; another
  // one counts for nothing: what was told here goes as it happened.
  function tooLate(record, verdict, answer) {
    if (HERE.has(answer.result) && answer.action === verdict.action) queue.replace(record.id).catch(() => {});
  }

  // -- decided here -----------------------------------------------------------------------------

  // `asked`: the server may have recorded the scan. What did not happen is taken back, not kept quiet.
  async function settle({ scan, person, verdict, asked = false, takenIn = null }) {
    const { code } = scan;
    const [letter, kind, inside] = [snapshot.letterOf(code), snapshot.kindOf(code), snapshot.contentsOf(code)];
    const extra = [];
    let record = null;
    if (verdict.action) {
      const lends = verdict.action === "lend";
      const fact = { action: verdict.action, borrower: lends ? scan.borrower : null, override: lends ? scan.override : null };
      if (takenIn) extra.push(...(await queue.replace(null, [{ action: "void", of: takenIn, code, by: scan.by }])));
      if (asked) await queue.amend(scan.id, { ...fact, state: "fact" });
      record = asked ? { ...scan, ...fact } : await queue.put({ ...scan, ...fact });
      snapshot.note(code, verdict.action);
    } else {
      const others = [];
      if (verdict.no && asked) others.push({ action: "void", of: scan.id, code, by: scan.by });
      if (verdict.takeIn) others.push({ action: "return", code, by: scan.by });
      if (asked || others.length) extra.push(...(await queue.replace(asked ? scan.id : null, others)));
      if (verdict.takeIn) snapshot.note(code, "return");
    }
    if (line.isOnline) queue.flush();
    const taken = extra.find((one) => one.action === "return") ?? null;
    return onLocal({ record, scan, verdict, letter, kind, inside, person, taken });
  }

  return { beep };
}
