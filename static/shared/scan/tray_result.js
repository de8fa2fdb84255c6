// What became of a tray: one line for the whole, and the pieces that need a look.

import { groupCode } from "./codes.js";
import { icon, text } from "./results.js";

const SHOWN = 40; // lines; the rest is a number

const at = (id) => document.getElementById(`tray-${id}`);

// lines: [{code, word, line, next_step, check}], those to check first.
export function drawResult({ word, tone, icon: name, next_step: next = "", lines = [] }, { icons, words }) {
  at("result").hidden = false;
  at("result").className = `tray-result tone-${tone}`;
  at("icon").replaceChildren(icon(icons, name));
  at("word").textContent = word;
  at("next").textContent = next;
  const rows = lines.slice(0, SHOWN).map(row);
  if (lines.length > SHOWN) rows.push(text("li", words.more.replace("{n}", lines.length - SHOWN)));
  at("lines").replaceChildren(...rows);
  at("result").scrollTop = 0;
}

function row({ code, word, line, next_step: next, check }) {
  const entry = document.createElement("li");
  entry.className = check ? "is-check" : "";
  entry.append(text("b", /^[0-9]{12}$/.test(code) ? groupCode(code) : code.slice(0, 30), "code"), text("span", word));
  if (check) entry.append(text("small", [line, next].filter(Boolean).join(" · ")));
  return entry;
}
