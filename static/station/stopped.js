// The browser keeps nothing: no scan is taken, and that is said large until the next beep.

export function makeStopped({ till, stage, words }) {
  // The scan of `code` was not taken.
  function notKept(error, code = "") {
    const why = error.why === "full" ? "full" : "closed";
    till.dataset.stopped = why;
    stage.show({ word: words[`stopped_${why}`], line: words.not_taken, next_step: words[`stopped_${why}_next`], tone: "bad", icon: "warning", code, result: "refused" });
  }

  // Without a place to keep scans none is taken: the page goes no further.
  function stop(error) {
    notKept(error);
    till.dataset.ready = "1";
    return new Promise(() => {});
  }

  return { notKept, stop };
}
