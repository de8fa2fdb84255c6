// What is said aloud and to screen readers; one switch, remembered on this device.

const KEPT = "return.silent";
const GATHER = 350; // ms: several cups of one picture make one sentence
const VOICES = { ko: "ko-KR", en: "en-US" };

export function makeVoice({ button, live, words }) {
  let timer = 0;

  const isOn = () => localStorage.getItem(KEPT) !== "1";

  function show() {
    button.setAttribute("aria-pressed", String(isOn()));
  }

  function say(text) {
    clearTimeout(timer);
    timer = setTimeout(() => speakNow(text), GATHER);
  }

  function speakNow(text) {
    live.textContent = text;
    if (!isOn() || !window.speechSynthesis) return;
    const sentence = new SpeechSynthesisUtterance(text);
    sentence.lang = VOICES[words.language];
    speechSynthesis.cancel();
    speechSynthesis.speak(sentence);
  }

  button.addEventListener("click", () => {
    localStorage.setItem(KEPT, isOn() ? "1" : "0");
    show();
    window.speechSynthesis?.cancel();
    say(words.say(isOn() ? "speech_on" : "speech_off"));
  });
  show();
  return { say, hush: () => (clearTimeout(timer), window.speechSynthesis?.cancel(), (live.textContent = "")) };
}
