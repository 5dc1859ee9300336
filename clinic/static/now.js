// Keeps the "Now" page fresh: every 15 seconds each section that has changed is put in place of the old one.
// Without it the link "Refresh" does the same. What a person is in the middle of stays as it is.

const EVERY = 15_000;
const now = document.getElementById("now");
const stale = document.getElementById("stale");
const news = document.getElementById("news");
const title = document.title;
const shown = new Map([...now.querySelectorAll("section[id]")].map((section) => [section.id, section.outerHTML]));

/** Is a message being heard here, or are words being marked to copy? */
function inUse(section) {
  const heard = [...section.querySelectorAll("audio")].some((sound) => !sound.paused);
  const marked = document.getSelection();
  return heard || (!marked.isCollapsed && section.contains(marked.anchorNode));
}

/** Put `fresh` in the place of `old`; the focus and what was folded open stay where they were. */
function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const address = focused && focused.getAttribute("href");
  const open = [...old.querySelectorAll("details[open]")].map((folded) => folded.id);
  old.replaceWith(fresh);
  open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  if (!focused) return;
  const same = (focused.id && document.getElementById(focused.id))
    || (address && [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === address));
  (same || fresh.querySelector("h2")).focus({ preventScroll: true });
}

function tell(before, after) {
  document.title = after ? `(${after}) ${title}` : title;
  if (after > before) news.textContent = `${after - before} new alert${after - before > 1 ? "s" : ""}.`;
}

function openAlerts() {
  return Number(document.getElementById("alerts").dataset.count);
}

async function refresh() {
  let answer;
  try {
    answer = await fetch(now.dataset.part, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
  } catch {
    stale.hidden = false;
    return;
  }
  if (answer.status === 401) return location.reload(); // signed out meanwhile: to the sign-in page
  if (!answer.ok) {
    stale.hidden = false;
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = openAlerts();
  for (const fresh of page.querySelectorAll("section[id]")) {
    const old = document.getElementById(fresh.id);
    const html = fresh.outerHTML;
    if (shown.get(fresh.id) === html || inUse(old)) continue;
    shown.set(fresh.id, html);
    replace(old, document.adoptNode(fresh));
  }
  tell(before, openAlerts());
  stale.hidden = true;
  document.getElementById("as-of").textContent = page.querySelector("[data-as-of]").dataset.asOf;
}

tell(openAlerts(), openAlerts());
setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
