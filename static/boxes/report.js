// "Put it in, and tell us": a still of the cup and what can be read on it, both if one likes.

import { groupCode } from "../shared/scan/codes.js";

const at = (id) => document.getElementById(id);

// onSent(report) with {about, code, photo}; onClose() when it is left or sent.
export function makeReport({ words, lens, pad, stage, onSent, onClose }) {
  let about = null; // {id, code}: the scan whose code nobody knows
  let photo = null;
  let open = false;

  // scan: {id, code} of a return whose code nobody knows; else a cup that cannot be read.
  function begin(scan = null) {
    open = true;
    about = scan;
    drop();
    at("main").dataset.mode = "report";
    at("report-tools").hidden = false;
    at("report").hidden = true;
    at("photo").disabled = !lens.isOn;
    pad.report(true);
    const word = scan ? "unknown" : "report_title";
    const line = () => (scan ? `${words.say("unknown_line")} ${groupCode(scan.code)}` : words.say("report_line"));
    stage.show(() => ({ tone: "care", icon: "warning", word: words.say(word), line: line() }));
    at("word").focus();
  }

  function end() {
    if (!open) return;
    open = false;
    about = null;
    drop();
    delete at("main").dataset.mode;
    at("report-tools").hidden = true;
    at("report").hidden = false;
    pad.report(false);
  }

  function drop() {
    if (at("still").src) URL.revokeObjectURL(at("still").src);
    photo = null;
    at("still").hidden = true;
    at("still").removeAttribute("src");
    draw();
  }

  function draw() {
    at("photo-words").dataset.t = photo ? "photo_again" : "photo_take";
    at("photo-words").textContent = words.say(at("photo-words").dataset.t);
  }

  async function shoot() {
    if (photo) return drop();
    photo = await lens.still();
    if (!photo || !open) return undefined;
    at("still").src = URL.createObjectURL(photo);
    at("still").hidden = false;
    draw();
    stage.show(() => ({ tone: "care", icon: "camera", word: words.say("photo_taken"), line: words.say("photo_hint") }));
    return undefined;
  }

  at("report").addEventListener("click", () => begin());
  at("report-cancel").addEventListener("click", () => (end(), onClose()));
  at("photo").addEventListener("click", shoot);

  return {
    begin,
    end,
    isAbout: (code) => about?.code === code,
    get isOpen() {
      return open;
    },
    send(code) {
      const report = { about: about?.id ?? null, code, photo };
      end();
      onSent(report);
    },
  };
}
