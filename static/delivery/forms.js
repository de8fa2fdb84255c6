// What is typed beside the pass: an order's number, and a contact, which says at once when it is a safe number.

const at = (id) => document.getElementById(id);

// safe: what is said of a safe number (050-…).
export function listenToForms({ onNumber, onContact, safe }) {
  at("number").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = at("number-typed").value.trim();
    if (typed) onNumber(typed);
  });
  at("contact").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = at("contact-typed").value.trim();
    if (typed) onContact(typed);
  });
  at("contact-typed").addEventListener("input", () => {
    const digits = at("contact-typed").value.replace(/[^0-9]/g, "");
    at("contact-told").textContent = /^(050|8250)/.test(digits) ? safe : "";
  });
}
