// Short sounds and buzzes for results, made on the spot: no files, heard beside a coffee machine.

const TUNES = {
  good: [[880, 0, 0.09], [1319, 0.09, 0.16]],
  back: [[1047, 0, 0.1], [784, 0.1, 0.16]],
  calm: [[784, 0, 0.12]],
  wait: [[659, 0, 0.08], [659, 0.14, 0.08]],
  soft: [[523, 0, 0.14], [440, 0.14, 0.2]],
  care: [[494, 0, 0.14], [494, 0.2, 0.14]],
  bad: [[233, 0, 0.18], [196, 0.2, 0.3]],
};
const BUZZ = { good: 40, back: 40, bad: [120, 60, 120], care: [80, 60, 80], soft: [60, 60, 60] };

let context = null;

const isMuted = () => localStorage.getItem("scan.muted") === "1";

// The button that switches them off and on; this device remembers it.
export function makeSwitch(button) {
  const show = () => button.setAttribute("aria-pressed", String(!isMuted()));
  button.addEventListener("click", () => {
    button.blur();
    localStorage.setItem("scan.muted", isMuted() ? "0" : "1");
    show();
    play("calm");
  });
  show();
}

export function play(tone) {
  // Before the first touch the browser refuses it, and says so.
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(BUZZ[tone] ?? 30);
  if (isMuted() || !window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {}); // until the first touch or key
  for (const [pitch, from, length] of TUNES[tone] ?? TUNES.calm) note(pitch, context.currentTime + from, length);
}

function note(pitch, at, length) {
  const source = context.createOscillator();
  const volume = context.createGain();
  source.type = pitch < 300 ? "square" : "triangle";
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(pitch < 300 ? 0.18 : 0.4, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + length + 0.02);
}
