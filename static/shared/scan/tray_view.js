// A tray before the camera: its codes are outlined and counted, and delivered together, by one tap
// or, hands-free, once the tray has stood still for a second.

import { texts } from "../texts.js";
import { makeControls } from "./camera_controls.js";
import { makeEye } from "./eye.js";
import { newId } from "./ids.js";
import { drawMarks } from "./overlay.js";
import { play } from "./sounds.js";
import { makeTally } from "./tray.js";
import { drawResult } from "./tray_result.js";

const HANDS = "tray.handsFree";
const QUIET = 700; // ms without a new code after which the count is said

const at = (id) => document.getElementById(`tray-${id}`);

// reader, wasm, icons: addresses. onDeliver({id, codes, verb}) once for each tray, one call for all
// of it. The page has `tray.view(verbs)` of templates/shared/tray.html. Returns {open, isOpen,
// choose, add, showResult, showSaved}; showResult({id, word, tone, icon, next_step, lines}).
export function makeTray({ reader, wasm, icons, onDeliver }) {
  const dialog = document.getElementById("tray");
  const words = texts("tray-texts");
  const [video, canvas] = [at("video"), at("marks")];
  const controls = makeControls({ root: dialog.querySelector("[data-camera-controls]"), video, onChoose: start });
  const eye = makeEye({ video, reader, wasm, many: true, onSight, onNone: gone });
  let tally = makeTally();
  let handsFree = localStorage.getItem(HANDS) === "1";
  let delivered = null; // the id of the tray whose result is awaited or shown
  let saying = 0;

  // -- the camera ---------------------------------------------------------------------------------

  async function open(verb) {
    choose(verb);
    dialog.showModal();
    drawState({ count: tally.count });
    await start();
  }

  async function start() {
    drawNothing();
    at("hint").textContent = words.opening;
    const camera = await eye.open(controls.choice());
    if (!camera) return;
    await controls.show(camera);
    drawState({ count: tally.count });
  }

  function gone() {
    drawNothing();
    at("hint").textContent = words.no_camera;
  }

  function drawNothing() {
    drawMarks(canvas, video, []);
    drawStill(0);
  }

  // -- counting -------------------------------------------------------------------------------------

  function onSight(sights, now) {
    const seen = tally.see(sights, now);
    drawMarks(canvas, video, seen.marks);
    if (seen.fresh.length) news();
    drawState(seen);
    const still = handsFree ? seen.still : 0;
    drawStill(still);
    if (still >= 1) deliver();
  }

  function news() {
    play("calm");
    if (delivered) forgetResult();
    clearTimeout(saying);
    saying = setTimeout(() => (at("spoken").textContent = words.counted.replace("{n}", tally.count)), QUIET);
  }

  function deliver() {
    if (!tally.count || !verb()) return;
    clearTimeout(saying);
    delivered = newId();
    const codes = tally.take(performance.now());
    drawState({ count: 0 });
    drawStill(0);
    show({ id: delivered, word: words.sending, tone: "calm", icon: "clock" });
    onDeliver({ id: delivered, codes, verb: verb() });
  }

  // -- what is shown ----------------------------------------------------------------------------------

  const chosen = () => dialog.querySelector("[name=tray-verb]:checked");
  const verb = () => chosen()?.value ?? null;

  function drawState({ count, isFull = false, wrong = 0 }) {
    at("count").textContent = words.count.replace("{n}", count);
    at("go").disabled = count === 0;
    const name = chosen()?.closest("label").textContent.trim() ?? "";
    at("go").textContent = words.go.replace("{verb}", name).replace("{n}", count);
    if (!eye.camera && !count) return;
    const ready = handsFree ? words.keep_still : words.hold;
    at("hint").textContent = isFull ? words.full : wrong ? words.wrong : count ? ready : words.empty;
    at("hint").classList.toggle("is-care", isFull || wrong > 0);
  }

  function drawStill(share) {
    at("still").style.transform = `scaleX(${share})`;
  }

  function show(result) {
    drawResult(result, { icons, words });
    dialog.dataset.tone = result.tone;
    at("spoken").textContent = [result.word, result.next_step].filter(Boolean).join(". ");
  }

  function forgetResult() {
    delivered = null;
    at("result").hidden = true;
    delete dialog.dataset.tone;
  }

  // Whether this answer is the one of the tray on the screen.
  function showResult(result) {
    if (!dialog.open || result.id !== delivered) return false;
    show(result);
    tally.doubt((result.lines ?? []).filter(({ check }) => check).map(({ code }) => code));
    return true;
  }

  function choose(value) {
    for (const input of dialog.querySelectorAll("[name=tray-verb]")) {
      if (input.value === value) input.checked = true;
      const label = input.closest("label");
      if ("rare" in label.dataset) label.hidden = input.value !== value;
    }
    drawState({ count: tally.count });
  }

  // A code from a gun joins the tray.
  function add(code) {
    if (tally.add(code, performance.now())) news();
    drawState({ count: tally.count });
  }

  function drawHands() {
    at("hands").setAttribute("aria-checked", String(handsFree));
  }

  at("go").addEventListener("click", deliver);
  at("clear").addEventListener("click", () => {
    tally.clear(performance.now());
    forgetResult();
    drawState({ count: 0 });
  });
  at("hands").addEventListener("click", () => {
    handsFree = !handsFree;
    localStorage.setItem(HANDS, handsFree ? "1" : "0");
    drawHands();
  });
  at("verbs").addEventListener("change", () => drawState({ count: tally.count }));
  at("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    eye.close();
    drawNothing();
    tally = makeTally();
    forgetResult();
  });
  drawHands();

  return {
    open, choose, add, showResult,
    showSaved: (id) => showResult({ id, word: words.saved, next_step: words.saved_next, tone: "calm", icon: "clock" }),
    get isOpen() {
      return dialog.open;
    },
  };
}
