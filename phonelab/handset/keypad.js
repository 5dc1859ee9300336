// The twelve keys, pressed by finger or from the computer's keyboard.

import { keyTone } from "./sound.js";

const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", 0: "+" };
const KEYS = "123456789*0#";
const SPOKEN = { "*": "Star", "#": "Pound" };
const HELD = 500; // milliseconds that make a long press

/** Fills `place` with keys. `pressed(key)` gets each; a long 0 gives "+" where `mayPlus()`. */
export function makeKeypad(place, pressed, mayPlus) {
  const keys = new Map([...KEYS].map((key) => [key, makeKey(key)]));
  place.append(...keys.values());
  let zeroHeld = 0;

  const press = (key) => {
    keyTone(key);
    pressed(key);
  };
  keys.forEach((button, key) => button.addEventListener("click", () => zeroHeld !== -1 && press(key)));
  const zero = keys.get("0");
  zero.addEventListener("pointerdown", () => {
    zeroHeld = setTimeout(() => {
      zeroHeld = -1; // the click that follows is not a 0
      if (mayPlus()) pressed("+");
    }, HELD);
  });
  zero.addEventListener("click", () => {
    clearTimeout(zeroHeld);
    zeroHeld = 0;
  });
  zero.addEventListener("pointerleave", () => clearTimeout(zeroHeld));

  /** A key of the computer; true if it was one of ours. */
  return function type(key) {
    if (key === "+" && mayPlus()) pressed("+");
    else if (!keys.has(key)) return false;
    else {
      press(key);
      flash(keys.get(key));
    }
    return true;
  };
}

function makeKey(key) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "key";
  button.dataset.key = key;
  button.setAttribute("aria-label", SPOKEN[key] ?? key);
  const letters = LETTERS[key] ?? "";
  button.innerHTML = `<span class="digit">${key}</span><span class="letters">${letters}</span>`;
  return button;
}

function flash(button) {
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
}
