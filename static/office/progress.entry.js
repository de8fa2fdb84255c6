// A label order's progress: asked once a second until the file is there, then the page is shown anew.

const job = document.getElementById("job");
const bar = document.getElementById("progress");
const done = document.getElementById("done");
const numbers = new Intl.NumberFormat(document.documentElement.lang);
let failures = 0;

async function look() {
  let next = 1000;
  try {
    const answer = await fetch(job.dataset.address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    failures = 0;
    if (told.state === "done" || told.state === "failed") return location.reload();
    bar.value = told.done;
    done.textContent = numbers.format(told.done);
  } catch {
    failures += 1;
    next = Math.min(30000, 1000 * 2 ** failures); // the server is away for a moment
  }
  setTimeout(look, next);
}

setTimeout(look, 500);
