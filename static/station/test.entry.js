// Checks a barcode gun: what it types, how it ends, how fast it is, and what the input method does.

import { isSuffix, signOf } from "../shared/scan/keys.js";
import { texts } from "../shared/texts.js";

const EXPECTED = "TEST:https://q.w/azy-_0123456789"; // static/station/test-code.svg
const PAUSE = 300; // ms without a key: the scan is over
const GUN_PACE = 45; // ms per sign; as static/shared/scan/wedge.js

const words = texts();
const icons = document.getElementById("check").dataset.icons;
let heard = null;
let timer = 0;

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const sign = signOf(event);
  if (isSuffix(event)) {
    if (!heard) return;
    event.preventDefault();
    finish(event.code || event.key);
  } else if (sign !== null) {
    event.preventDefault();
    heard ??= { text: "", first: event.timeStamp, last: 0, hangul: false };
    heard.text += sign;
    heard.last = event.timeStamp;
    heard.hangul ||= event.key === "Process" || event.isComposing || /[\u3131-\u318e\uac00-\ud7a3]/.test(event.key);
    clearTimeout(timer);
    timer = setTimeout(finish, PAUSE, null);
  }
}, true);

function finish(suffix) {
  clearTimeout(timer);
  const done = heard;
  heard = null;
  if (!done || done.text.length < 2) return;
  document.getElementById("heard").textContent = done.text;
  const text = done.text.replace(/^\][A-Za-z][0-9]/, "");
  judgeText(text);
  judgeSuffix(suffix);
  const pace = Math.round((done.last - done.first) / (done.text.length - 1));
  verdict("speed", pace <= GUN_PACE ? "good" : "bad", (pace <= GUN_PACE ? words.speed_good : words.speed_bad).replace("{ms}", pace));
  verdict("ime", "good", done.hangul ? words.ime_on : words.ime_good);
}

function judgeText(text) {
  const at = text.toLowerCase().indexOf("test");
  const same = text.endsWith(EXPECTED);
  const sameLetters = text.toLowerCase().endsWith(EXPECTED.toLowerCase());
  if (same) verdict("read", "good", words.read_good);
  else if (sameLetters) verdict("read", "care", words.read_good);
  else if (at < 0 && text.length !== EXPECTED.length) verdict("read", "care", words.read_other);
  else verdict("read", "bad", words.read_bad);
  if (same) verdict("layout", "good", words.layout_good);
  else if (sameLetters) verdict("layout", "care", words.layout_caps);
  else if (text.length === EXPECTED.length) verdict("layout", "bad", words.layout_bad.replace("{wrong}", differences(text)));
}

// For example "y → z, : → ;".
function differences(text) {
  const pairs = new Set();
  for (let place = 0; place < EXPECTED.length; place += 1) {
    if (text[place] !== EXPECTED[place]) pairs.add(`${EXPECTED[place]} → ${text[place]}`);
  }
  return [...pairs].slice(0, 5).join(", ");
}

function judgeSuffix(suffix) {
  if (suffix === null) verdict("suffix", "care", words.suffix_none);
  else verdict("suffix", "good", suffix === "Tab" ? words.suffix_tab : words.suffix_enter);
}

function verdict(name, state, message) {
  const line = document.getElementById(`verdict-${name}`);
  line.dataset.state = state;
  line.querySelector("span").textContent = message;
  line.querySelector("use").setAttribute("href", `${icons}#${state === "good" ? "check" : "warning"}`);
}
