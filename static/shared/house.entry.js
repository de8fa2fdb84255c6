// On every page: a form is sent once, unless it brings a file and leaves the page where it is;
// the first wrong field gets the focus.

for (const form of document.querySelectorAll("form[method=post]:not([data-download])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000); // no answer came: once more
  });
}
// Coming back by the browser's back button, the form may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.querySelector("[aria-invalid=true]")?.focus();

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
