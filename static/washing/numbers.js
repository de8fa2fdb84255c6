// A number typed on the dialog's own pad or on a keyboard: of what, and how many.

// accept(text) → null, or what is wrong with it, in words. onEnter(choice, text) when it is right.
export function makeNumbers({ dialog, accept, onEnter }) {
  const form = dialog.querySelector("form");
  const field = dialog.querySelector("[data-number]");
  const told = dialog.querySelector(".sheet-told");
  const unit = dialog.querySelector("[data-unit-shown]");
  const chosen = () => dialog.querySelector("input[type=radio]:checked");

  function open() {
    put("");
    showUnit();
    dialog.showModal();
    field.focus();
  }

  function put(value) {
    field.value = value;
    tell("");
  }

  function tell(words) {
    told.textContent = words;
    field.setAttribute("aria-invalid", String(Boolean(words)));
  }

  const showUnit = () => (unit.textContent = chosen()?.dataset.unit ?? "");

  form.addEventListener("change", showUnit);
  field.addEventListener("input", () => tell(""));
  form.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) put(key === "back" ? field.value.slice(0, -1) : field.value + key);
    if (event.target.closest("[data-close]")) dialog.close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    const wrong = accept(text);
    if (wrong) return tell(wrong);
    dialog.close();
    return onEnter(chosen().value, text);
  });
  // The dialog has a number pad: on a touch screen the system's keyboard stays away.
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none";
  return { open, tell };
}

// Asks yes or no; resolves to whether it was yes.
export function askIn(dialog, text = null) {
  if (text !== null) dialog.querySelector("[data-text]").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
