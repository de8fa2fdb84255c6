// /my and its offline page: shows the member QR, new every minute, and keeps what it needs for that.

import { texts } from "../shared/texts.js";
import { drawQr } from "./draw.js";
import { keep, kept } from "./kept.js";
import { importKey, memberCode, memberDigits, minuteOf } from "./member.js";

const BIG_ERROR = 60_000; // a clock is corrected when it is further off than that
const t = texts();
const find = (id) => document.getElementById(id);
let shownMinute = null;

// 1. The member: from the page the server sent, else what this phone kept.
async function findMember() {
  const given = texts("member-secret");
  if (!given.secret) return kept();
  const ahead = Date.now() - given.now;
  const member = {
    number: given.number,
    key: await importKey(given.secret),
    ahead: Math.abs(ahead) > BIG_ERROR ? ahead : 0,
  };
  await keep(member).catch(() => {}); // private windows may keep nothing
  return member;
}

const trueTime = (member) => Date.now() - (member?.ahead ?? 0);

// 2. The codes of a minute: made here, or asked for where the browser may not (no https).
async function codesOf(member, minute) {
  if (member) {
    return {
      code: await memberCode(member.key, member.number, minute),
      digits: await memberDigits(member.key, member.number, minute),
    };
  }
  const answer = await fetch("/my/code", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`no code: ${answer.status}`);
  return answer.json();
}

function show({ code, digits }) {
  const qr = find("qr");
  qr.replaceChildren(drawQr(code));
  qr.dataset.code = code;
  const parts = digits.split("-").map((part) => {
    const line = document.createElement("span");
    line.textContent = part.replace(/(...)(?=.)/g, "$1 ");
    return line;
  });
  find("digits").replaceChildren(...parts);
  find("digits").dataset.digits = digits;
  find("member-missing").hidden = true;
}

// 3. Every second: the bar runs down, and a new minute brings new codes.
async function beat(member) {
  const now = trueTime(member);
  find("bar").style.transform = `scaleX(${1 - (now % 60_000) / 60_000})`;
  const minute = minuteOf(now);
  if (minute === shownMinute) return;
  shownMinute = minute;
  try {
    show(await codesOf(member, minute));
  } catch {
    shownMinute = null;
    find("member-missing").hidden = false;
  }
}

// 4. The number instead of the QR, for a till that cannot read a screen.
find("show-number").addEventListener("click", (event) => {
  const number = find("member-number").hidden;
  find("member-number").hidden = !number;
  find("member-qr").hidden = number;
  event.currentTarget.setAttribute("aria-pressed", String(number));
  event.currentTarget.querySelector("span").textContent = number ? t.qr : t.number;
});

// 5. The screen stays on while the QR is shown.
async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  await navigator.wakeLock?.request("screen").catch(() => {});
}

async function keepForOffline() {
  if (!("serviceWorker" in navigator) || !texts("member-secret").secret) return;
  await navigator.storage?.persist?.();
  await navigator.serviceWorker.register("/my/worker.js", { scope: "/my" });
  const ready = await navigator.serviceWorker.ready;
  ready.active.postMessage("keep");
}

const member = globalThis.crypto?.subtle ? await findMember().catch(() => undefined) : undefined;
await beat(member);
setInterval(() => beat(member), 1000);
document.addEventListener("visibilitychange", () => {
  beat(member);
  stayAwake();
});
stayAwake();
keepForOffline().catch(() => {});
