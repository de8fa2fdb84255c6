// The confirmation's running clock: the second moves the cup, the minute changes the colour.

const face = document.getElementById("borrowed");
const clock = document.getElementById("clock");
const ahead = Date.now() - Number(face.dataset.now);
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: face.dataset.zone,
});

function beat() {
  const now = new Date(Date.now() - ahead);
  clock.textContent = format.format(now);
  face.classList.toggle("beat", now.getUTCSeconds() % 2 === 0);
  face.dataset.hue = String(now.getUTCMinutes() % 6);
}

beat();
setInterval(beat, 1000);
navigator.wakeLock?.request("screen").catch(() => {});
// Coming back from the cache of the browser's back button it is asked for anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
