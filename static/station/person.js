// Who is shown at the till, who waits as a chip, and when they leave. What names a person is
// sealed the moment it was read; only the last four digits stay legible here.

import { PATIENCE } from "../shared/scan/line.js";
import { lastFour, pauseHint, sealBorrower } from "../shared/scan/seal.js";
import { send } from "../shared/send.js";

export const STAYS = 15000; // ms after the last beep
const PARKED = 5;
const GONE = new Set(["borrower_unknown", "invalid"]);
const PARKED_FOR = 55 * 60000; // ms; what was read is good for an hour

// onChange(person | null, parked) after every change, onGone(error) when nobody could be found;
// `code` no_key: this tablet has never met the server, or may not seal.
export function makePeople({ line, snapshot, site, onChange, onGone }) {
  let shown = null;
  let parked = [];
  let timer = 0;

  function tell() {
    parked = parked.filter((one) => Date.now() - one.since < PARKED_FOR);
    onChange(shown, parked);
  }

  // The key comes with the first snapshot, which may be on its way.
  async function seal(text) {
    if (!snapshot.known) await Promise.race([snapshot.take(), later()]);
    const { key, salt } = snapshot.known ?? {};
    if (!key || !crypto.subtle) return { sealed: null, hint: null };
    return { sealed: await sealBorrower(text, { key }), hint: await pauseHint(text, salt) };
  }

  const later = () => new Promise((resolve) => setTimeout(resolve, PATIENCE, null));

  async function ask(person) {
    const now = new Date().toISOString();
    const asked = { turn: (person.turn = (person.turn ?? 0) + 1), given: person.given };
    const asking = send("/scan/person", { borrower: await person.sealed, at: now, sent_at: now, site }).catch(() => null);
    const answer = await Promise.race([asking, later()]);
    if (answer === null) asking.then((told) => told?.ok && know(person, told.body, asked));
    if (answer === null || (!answer.ok && !GONE.has(answer.body.error?.code))) return { code: "unavailable" };
    if (!answer.ok) return answer.body.error;
    know(person, answer.body, asked);
    return null;
  }

  // Answers can overtake each other: one to an older question is dropped, and a count asked for
  // before the last cup was lent does not undo that cup's own count.
  function know(person, told, asked) {
    if (asked.turn < (person.knownTurn ?? 0)) return;
    const { label, read_back, is_new, paused, left, cups } = told;
    const isBehind = person.given !== asked.given && person.open_cups !== undefined;
    const open_cups = isBehind ? person.open_cups : told.open_cups;
    Object.assign(person, { label: label ?? person.label, read_back, is_new, paused, open_cups, left, cups, known: true, offline: false, knownTurn: asked.turn });
    if (shown === person) tell();
    if (isBehind) refresh(person);
  }

  // Shows the person at once and looks them up; resolves to them, or to null when nobody was found.
  async function show(text) {
    const sealing = seal(text);
    const person = {
      label: lastFour(text),
      sealed: sealing.then(({ sealed }) => sealed, () => null),
      hint: null,
      since: Date.now(),
      given: 0,
      group: false,
      // Known from the server, or else as far as the station's own list tells.
      isPaused: () => (person.known ? person.paused : snapshot.isPaused(person.hint)),
    };
    shown = person;
    stay();
    const { sealed, hint } = await sealing.catch(() => ({ sealed: null }));
    if (!sealed) return gone(person, { code: "no_key" });
    person.hint = hint;
    const error = line.isOnline ? await ask(person) : { code: "unavailable" };
    if (error && GONE.has(error.code)) return gone(person, error);
    if (error && line.isOnline) line.fall();
    person.offline = error !== null && !person.known;
    if (shown === person) tell();
    return person;
  }

  function gone(person, error) {
    if (shown === person) leave();
    onGone(error);
    return null;
  }

  async function refresh(person = shown) {
    if (!person?.known || !line.isOnline) return;
    await ask(person);
    tell();
  }

  function stay() {
    clearTimeout(timer);
    if (!shown) return;
    shown.until = Date.now() + STAYS;
    timer = setTimeout(leave, STAYS);
    tell();
  }

  function leave() {
    clearTimeout(timer);
    shown = null;
    tell();
  }

  // false: five wait already.
  function park() {
    if (!shown) return true;
    if (parked.length >= PARKED) return false;
    parked.push(shown);
    leave();
    return true;
  }

  function takeUp(person) {
    parked = parked.filter((one) => one !== person);
    if (shown && parked.length < PARKED) parked.push(shown);
    shown = person;
    stay();
    refresh(person);
  }

  // open: cups out as the server counts them; null: it was lent here and now, offline.
  function counted(person, label, open) {
    if (!person) return;
    if (label) person.label = label;
    if (open !== null) person.open_cups = open;
    else if (person.known) person.open_cups += 1;
    person.given += 1;
    tell();
  }

  function toggleGroup() {
    if (!shown) return;
    shown.group = !shown.group;
    stay();
  }

  return {
    seal, show, refresh, stay, leave, park, takeUp, counted, toggleGroup,
    get shown() { return shown; },
  };
}
