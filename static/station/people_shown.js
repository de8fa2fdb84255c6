// Draws the person at the till, large, and the chips of those who wait.

import { icon, text } from "../shared/scan/results.js";
import { STAYS } from "./person.js";

const at = (id) => document.getElementById(id);

export function drawPeople({ person, parked, words, icons, onTakeUp }) {
  at("person").hidden = !person;
  if (!person) readBack("", words);
  if (person) drawPerson(person, words);
  at("parked").hidden = parked.length === 0;
  at("parked").replaceChildren(
    ...parked.map((one) => {
      const row = document.createElement("li");
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "chip";
      chip.append(icon(icons, "person"), text("strong", one.label ?? words.member), text("span", cupsOf(one, words)));
      chip.title = words.take_up;
      chip.addEventListener("click", () => onTakeUp(one));
      row.append(chip);
      return row;
    }),
  );
}

function drawPerson(person, words) {
  at("person-label").textContent = person.label ?? (person.known || person.offline ? words.member : "····");
  at("person-cups").classList.toggle("is-words", !person.known);
  at("person-cups").textContent = person.known ? cupsOf(person, words) : person.offline ? words.saved : words.checking;
  at("person-given").textContent = person.given ? words.given.replace("{n}", person.given) : "";
  if (person.given) readBack("", words);
  at("person-note").textContent = note(person, words);
  at("person-note").dataset.soft = person.isPaused() ? "1" : "";
  at("person-group").setAttribute("aria-pressed", String(person.group));
  runOut(at("person-time"), person.until - Date.now());
}

function cupsOf(person, words) {
  return words.cups.replace("{n}", person.open_cups ?? 0);
}

// Held nowhere but on the screen, and there only until the first cup: then four digits are enough
// for everybody to see.
export function readBack(number, words) {
  at("person-read-back").textContent = number ? words.read_back.replace("{number}", number) : "";
}

const readBackShown = () => at("person-read-back").textContent !== "";

function note(person, words) {
  if (!person.known) return !person.offline ? "" : person.isPaused() ? words.maybe_paused : readBackShown() ? "" : words.saved_line;
  if (person.paused) return words.soft;
  if (person.group) return words.group_on;
  if (person.is_new && !person.given) return words.new_person;
  return person.given || readBackShown() ? "" : words.more_left.replace("{n}", person.left);
}

// The line that runs out with the person's time; each beep fills it again.
function runOut(line, left) {
  for (const running of line.getAnimations()) running.cancel();
  const from = { transform: `scaleX(${Math.max(0, left / STAYS)})` };
  line.animate([from, { transform: "scaleX(0)" }], { duration: Math.max(0, left), fill: "forwards" });
}
