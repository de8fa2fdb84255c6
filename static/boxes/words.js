// The screen's texts in the language of the moment: both are in the page, Korean at the start.

import { texts } from "../shared/texts.js";

export const FIRST = "ko";

export function makeWords({ zone }) {
  const all = { ko: texts("texts-ko"), en: texts("texts-en") };
  let language = FIRST;

  // A text with {…} filled in.
  function say(name, values = {}) {
    return (all[language][name] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  }

  function moment(at) {
    const options = { month: "short", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit", timeZone: zone };
    return new Intl.DateTimeFormat(language, options).format(at);
  }

  function clock(at) {
    return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(at);
  }

  // As people say a distance: 350 m, 1.2 km.
  function far(metres) {
    return metres < 1000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;
  }

  function speak(code) {
    language = code;
    document.documentElement.lang = code;
    document.title = all[code].title;
    for (const element of document.querySelectorAll("[data-t]")) element.textContent = say(element.dataset.t);
    for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", say(element.dataset.tLabel));
    for (const element of document.querySelectorAll("[data-t-alt]")) element.alt = say(element.dataset.tAlt);
  }

  return { say, moment, clock, far, speak, get language() { return language; } };
}
