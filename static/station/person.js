// Who is shown at the till, who waits as a chip, and when they leave.

import { send } from "../shared/send.js";

export const STAYS = 15000; // ms after the last beep
const PARKED = 5;
const GONE = new Set(["borrower_unknown", "invalid"]);
const PARKED_FOR = 55 * 60000; // ms; a ticket is good for an hour

// onChange(person | null, parked) after every change, onGone(error) when nobody could be found.
export function makePeople({ site, onChange, onGone }) {
  let shown = null;
  let parked = [];
  let timer = 0;

  function tell() {
    parked = parked.filter((one) => Date.now() - one.since < PARKED_FOR);
    onChange(shown, parked);
  }

  async function ask(person) {
    const now = new Date().toISOString();
    const borrower = person.ticket ?? person.text;
    const answer = await send("/scan/person", { borrower, at: person.ticket ? now : person.at, sent_at: now, site });
    if (!answer.ok) return answer.body.error ?? { code: "unavailable" };
    Object.assign(person, answer.body, { known: true });
    return null;
  }

  // Looks the person up; who is being shown meanwhile is already theirs.
  async function show(text) {
    const person = { text, at: new Date().toISOString(), since: Date.now(), given: 0, group: false };
    if (/^[+0-9 ()-]+$/.test(text)) person.label = text.replace(/[^0-9]/g, "").slice(-4);
    shown = person;
    stay();
    try {
      const error = await ask(person);
      if (error && GONE.has(error.code)) {
        if (shown === person) leave();
        onGone(error);
        return null;
      }
      person.offline = error !== null;
    } catch {
      person.offline = true; // the beeps carry what was read, and are judged when they arrive
    }
    if (shown === person) tell();
    return person;
  }

  async function refresh(person = shown) {
    if (!person?.known) return;
    await ask(person).catch(() => {});
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

  function counted(person, label, open) {
    if (!person) return;
    if (label) person.label = label;
    if (open !== null) person.open_cups = open;
    person.given += 1;
    tell();
  }

  function toggleGroup() {
    if (!shown) return;
    shown.group = !shown.group;
    stay();
  }

  return {
    show, refresh, stay, leave, park, takeUp, counted, toggleGroup,
    get shown() { return shown; },
  };
}
