// The desk: several handsets, whose they are, the computer's keyboard, and the switch for sound.

import { PEOPLE, dialable, written } from "./people.js";
import { Phone } from "./phone.js";
import { allowSound, permission, setSound } from "./sound.js";

const OTHER = "other";
const desk = document.getElementById("desk");
const phones = new Map(); // article → Phone
let lastUsed = null;
let coloured = 0;

function addHandset(number) {
  const article = document.getElementById("handset").content.cloneNode(true).firstElementChild;
  article.dataset.colour = coloured++ % 4;
  desk.append(article);
  const phone = new Phone(article);
  phones.set(article, phone);
  wireOwner(article, phone);
  giveTo(article, phone, number);
  article.addEventListener("pointerdown", () => (lastUsed = phone));
  article.addEventListener("focusin", () => (lastUsed = phone));
  article.querySelector(".put-away").addEventListener("click", () => {
    phone.close();
    phones.delete(article);
    article.remove();
    if (lastUsed === phone) lastUsed = null;
    remember();
  });
  lastUsed = phone;
  return article;
}

function giveTo(article, phone, number) {
  const select = article.querySelector(".owner-select");
  const people = PEOPLE.some(([known]) => known === number) ? PEOPLE : [...PEOPLE, [number, "Another number"]];
  select.replaceChildren(
    ...people.map(([known, name]) => new Option(`${name} · ${written(known)}`, known)),
    new Option("Another number…", OTHER),
  );
  select.value = number;
  article.querySelector(".owner-other").hidden = true;
  phone.hold(number);
  remember();
}

function wireOwner(article, phone) {
  const select = article.querySelector(".owner-select");
  const other = article.querySelector(".owner-other");
  const typed = article.querySelector(".owner-number");
  select.addEventListener("change", () => {
    other.hidden = select.value !== OTHER;
    if (other.hidden) giveTo(article, phone, select.value);
    else typed.focus();
  });
  typed.addEventListener("input", () => typed.setCustomValidity(""));
  other.addEventListener("submit", (event) => {
    event.preventDefault();
    const number = dialable(typed.value);
    typed.setCustomValidity(number ? "" : "Write the number as +1 617 555 0142");
    if (number) giveTo(article, phone, number);
    else typed.reportValidity();
  });
}

/** The numbers stand in the address, so that a reload shows the same handsets. */
function remember() {
  const query = new URLSearchParams([...phones.values()].map((phone) => ["number", phone.number]));
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
}

function nextFree() {
  const held = new Set([...phones.values()].map((phone) => phone.number));
  return (PEOPLE.find(([number]) => !held.has(number)) ?? PEOPLE[0])[0];
}

function isWriting(target) {
  return target.closest?.("input, textarea, select") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const phone = phones.get(event.target.closest?.(".handset")) ?? lastUsed;
  if (phone?.type(event.key)) event.preventDefault();
});

document.getElementById("add").addEventListener("click", () => {
  const article = addHandset(nextFree());
  article.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "nearest" });
  article.querySelector(".owner-select").focus({ preventScroll: true });
});

const soundSwitch = document.getElementById("sound");
soundSwitch.addEventListener("click", () => {
  const on = soundSwitch.getAttribute("aria-pressed") !== "true";
  soundSwitch.setAttribute("aria-pressed", String(on));
  setSound(on);
});

const wanted = document.getElementById("sound-wanted");
permission.addEventListener("wanted", () => (wanted.hidden = soundSwitch.getAttribute("aria-pressed") !== "true"));
permission.addEventListener("allowed", () => (wanted.hidden = true));
for (const gesture of ["pointerup", "keydown"]) {
  document.addEventListener(gesture, () => allowSound(), { once: true });
}
document.getElementById("sound-allow").addEventListener("click", () => allowSound());

const asked = new URLSearchParams(location.search).getAll("number").map((number) => dialable(number.replace(/^ /, "+")));
const numbers = asked.filter(Boolean);
for (const number of numbers.length ? numbers : [PEOPLE[0][0]]) addHandset(number);
