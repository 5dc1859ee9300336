// The number that is called or texted: typed into the field, or pressed on the keypad.

import { CLINIC, dialable, nameOf } from "./people.js";

export class Dial {
  #isDefault = true; // nobody has touched the number that stood there: the first key replaces it

  /** `changed()` is called when the number is another; `entered()` when Enter is pressed. */
  constructor(part, changed, entered) {
    this.field = part.querySelector(".dial-number");
    this.changed = changed;
    this.field.addEventListener("input", () => this.#touched());
    this.field.addEventListener("keydown", (event) => event.key === "Enter" && entered());
    part.querySelector(".erase").addEventListener("click", () => {
      this.field.value = this.field.value.slice(0, -1);
      this.#touched();
    });
  }

  get typed() {
    return this.field.value;
  }

  /** The number in E.164, or "". */
  get number() {
    return dialable(this.field.value);
  }

  /** Who it is, for people: "the clinic", a name, a number. */
  get who() {
    if (this.number === CLINIC) return "the clinic";
    return this.number ? nameOf(this.number) : "…";
  }

  press(key) {
    if (this.#isDefault) this.field.value = "";
    this.field.value += key;
    this.#touched();
  }

  #touched() {
    this.#isDefault = false;
    this.changed();
  }
}
