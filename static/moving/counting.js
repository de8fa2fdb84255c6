// The number pad for ware without codes: so many go in, or come out.

const MOST = 20000;
const at = (id) => document.getElementById(id);

// onCount({kind, quantity, out}) for a number between 1 and 20,000.
export function makeCounting({ words, names, onCount }) {
  const field = at("counted");
  let kind = null;

  function open(line) {
    kind = line.kind;
    at("count-kind").textContent = names[kind] ?? kind;
    at("count-told").textContent = "";
    field.value = line.left ? String(line.left) : "";
    show(true);
    field.focus();
    field.select();
  }

  function show(shown) {
    at("count").hidden = !shown;
    at("pads").hidden = shown;
    if (!shown) kind = null;
  }

  function deliver(out) {
    const quantity = /^[0-9]{1,5}$/.test(field.value.trim()) ? Number(field.value) : 0;
    const fits = quantity >= 1 && quantity <= MOST;
    at("count-told").textContent = fits ? "" : words.need_number;
    if (!fits) return field.focus();
    onCount({ kind, quantity, out });
    return show(false);
  }

  at("count").addEventListener("submit", (event) => (event.preventDefault(), deliver(false)));
  at("count-out").addEventListener("click", () => deliver(true));
  at("close-count").addEventListener("click", () => show(false));
  at("count").addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  let fresh = true; // the proposed number is replaced by the first key
  field.addEventListener("focus", () => (fresh = true));
  at("count-keypad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (key === "back") field.value = field.value.slice(0, -1);
    else field.value = ((fresh ? "" : field.value) + key).slice(0, 5);
    fresh = false;
  });
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none";

  return {
    open,
    get isOpen() {
      return !at("count").hidden;
    },
  };
}
