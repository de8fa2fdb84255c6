// The answer, large: one colour, one word, one line, one next step; told again in another language.

const at = (id) => document.getElementById(id);

export function makeStage({ icons, words, voice }) {
  let shown = null;

  // what(): {tone, icon, word, line, next, aloud}, asked again when the language changes.
  function show(what, { aloud = true } = {}) {
    shown = what;
    const { tone, icon, word, line = "", next = "", aloud: spoken } = what();
    at("stage").className = `stage tone-${tone}`;
    at("stage-icon").setAttribute("href", `${icons}#${icon}`);
    at("word").textContent = word;
    at("line").textContent = line;
    at("next").textContent = next;
    if (!aloud) return;
    void at("stage").offsetWidth; // the animation begins anew
    at("stage").classList.add("is-new");
    voice.say(spoken ?? [word, line, next].filter(Boolean).join(" "));
  }

  function idle({ aloud = false } = {}) {
    show(() => ({ tone: "idle", icon: "qr", word: words.say("hold"), line: words.say("hold_line"), aloud: words.say("welcome") }), { aloud });
  }

  return { show, idle, again: () => (shown ? show(shown, { aloud: false }) : idle()) };
}
