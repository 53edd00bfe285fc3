// Two small things the pages do better with a script; without it every page still works.
"use strict";

// A submission under way: ask where it stands, and show the whole page again once it ended.
const article = document.getElementById("submission");
if (article && article.dataset.status === "in-flight") {
  const bar = document.getElementById("bar");
  const stages = [...document.querySelectorAll(".stages li")];
  const look = async () => {
    try {
      const answer = await fetch(`/v1/submissions/${article.dataset.id}`, { cache: "no-store" });
      if (answer.ok) {
        const s = await answer.json();
        if (s.status !== "in-flight") return location.reload();
        const now = stages.findIndex((li) => li.dataset.stage === s.stage);
        stages.forEach((li, i) => {
          li.className = i < now ? "done" : i === now ? "now in-flight" : "ahead";
          if (i === now) li.setAttribute("aria-current", "step");
          else li.removeAttribute("aria-current");
        });
        if (bar) bar.value = s.progress;
      }
    } catch (reason) {
      // The server is away for a moment; the next look may find it.
    }
    return setTimeout(look, 600);
  };
  setTimeout(look, 400);
}

// Evidence frames: covered until pressed, covered again by the next press.
for (const frame of document.querySelectorAll("a.frame")) {
  const picture = frame.querySelector("img");
  const covered = picture.src;
  frame.setAttribute("role", "button");
  frame.setAttribute("aria-pressed", "false");
  const turn = (event) => {
    event.preventDefault();
    const clear = frame.getAttribute("aria-pressed") === "false";
    frame.setAttribute("aria-pressed", String(clear));
    picture.src = clear ? frame.href : covered;
    picture.alt = clear ? frame.dataset.clear : frame.dataset.blurred;
  };
  frame.addEventListener("click", turn);
  frame.addEventListener("keydown", (event) => {
    if (event.key === " ") turn(event);
  });
}

// A receipt whose files are still being deleted: ask a few times, and show the whole page again when something was done.
const receipt = document.getElementById("receipt");
if (receipt?.dataset.closed === "no") {
  let before = null;
  const ask = async (times) => {
    try {
      const now = await (await fetch(receipt.dataset.state, { cache: "no-store" })).json();
      const done = JSON.stringify([now.due, now.closed_at]);
      if (now.closed_at || (before !== null && done !== before)) return location.reload();
      before = done;
    } catch (reason) {
      // The server is away for a moment.
    }
    return times > 0 && setTimeout(ask, 1500, times - 1);
  };
  ask(20);
}
