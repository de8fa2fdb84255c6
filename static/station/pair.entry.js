// Pairs this tablet by the secret in the address's fragment, which never reaches a log on the way.

import { send } from "../shared/send.js";
import { texts } from "../shared/texts.js";

const words = texts();
const button = document.getElementById("pair-go");
const told = document.getElementById("pair-told");
const secret = location.hash.slice(1);

if (!secret) {
  told.textContent = words.missing;
  button.disabled = true;
}

button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const answer = await send("/pair/", { secret });
    if (!answer.ok) {
      told.textContent = words.failed;
      return;
    }
    history.replaceState(null, "", "/pair/"); // the used secret leaves the history
    told.textContent = words.done;
    location.replace(answer.body.next);
  } catch {
    told.textContent = words.offline;
    button.disabled = false;
  }
});
