// One person's visit: how many cups, whose points; over after twenty seconds without a hand or cup.

const RESET = 20000; // ms without activity
const WARNED = 14000; // ms after which the end is announced
const SHOWN = 6; // cups named on the screen
const at = (id) => document.getElementById(id);

export function makeVisit({ words, onEnd }) {
  let scans = []; // {id, code}
  let member = null; // the id under which a member QR is kept
  let touched = false;
  let ending = 0;
  let warning = 0;

  // Something happens: the visit goes on.
  function stir() {
    touched = true;
    clearTimeout(ending);
    clearTimeout(warning);
    at("ending").hidden = true;
    ending = setTimeout(end, RESET);
    warning = setTimeout(() => (at("ending").textContent = words.say("ending"), at("ending").hidden = false), WARNED);
  }

  function end() {
    clearTimeout(ending);
    clearTimeout(warning);
    at("ending").hidden = true;
    const left = { member };
    [scans, member, touched] = [[], null, false];
    draw();
    onEnd(left);
  }

  function draw() {
    at("visit").hidden = !scans.length;
    at("count").textContent = scans.length ? words.say("count", { n: scans.length }) : "";
    at("cups").replaceChildren(
      ...scans.slice(-SHOWN).reverse().map(({ code }) => {
        const item = document.createElement("li");
        item.textContent = `··${code.slice(-4)}`;
        return item;
      }),
    );
  }

  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, stir, true);
  at("done").addEventListener("click", end);

  return {
    stir,
    draw,
    add(scan) {
      scans.push(scan);
      stir();
      draw();
    },
    isLast: (id) => scans.at(-1)?.id === id,
    get ids() {
      return scans.map((scan) => scan.id);
    },
    get count() {
      return scans.length;
    },
    get isOn() {
      return touched;
    },
    get member() {
      return member;
    },
    set member(id) {
      member = id;
    },
  };
}
