// A number pad that writes into the number field chosen last: large keys for wet gloves.

const at = (id) => document.getElementById(id);

// form: whose `input.count-n` are filled; onChange(field) after each key and each typed digit.
export function makePad({ form, onChange }) {
  let field = null;
  const fields = () => [...form.querySelectorAll("input.count-n:not([readonly])")];

  function choose(next, { fresh = true } = {}) {
    for (const one of fields()) one.classList.toggle("is-chosen", one === next);
    field = next;
    if (field) field.dataset.fresh = fresh ? "1" : "";
  }

  function put(value) {
    field.value = value.slice(0, 7);
    field.dataset.fresh = "";
    onChange(field);
  }

  form.addEventListener("focusin", ({ target }) => {
    if (!target.matches("input.count-n")) return;
    if (target !== field) choose(target);
    if (matchMedia("(pointer: fine)").matches) target.select();
  });
  form.addEventListener("input", ({ target }) => {
    if (!target.matches("input.count-n")) return;
    target.value = target.value.replace(/[^0-9]/g, "").slice(0, 7);
    onChange(target);
  });
  at("keypad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (!field) choose(fields()[0]);
    if (!field) return;
    if (key === "next") {
      const all = fields();
      choose(all[(all.indexOf(field) + 1) % all.length]);
      field.scrollIntoView({ block: "center", behavior: "smooth" });
    } else if (key === "back") put(field.value.slice(0, -1));
    else put((field.dataset.fresh === "1" ? "" : field.value) + key);
  });
  // Where the page has a pad of its own, the system's keyboard stays away from a touch screen.
  if (matchMedia("(pointer: coarse) and (min-width: 761px)").matches) for (const one of fields()) one.inputMode = "none";
  if (fields()[0]) choose(fields()[0]);
  return { choose };
}
