// The people of the demo clinic whose phones can be held here, and how numbers and languages are shown.

export const CLINIC = "+16175550100";

export const PEOPLE = [
  ["+16175550101", "Rosa Delgado"],
  ["+16175550102", "James Carter"],
  ["+16175550103", "Lucía and Mateo Rivera"],
  ["+16175550104", "Marie Joseph"],
  ["+16175550105", "Kim Min-ji"],
  ["+16175550190", "Emergency desk"],
];

const NAMES = new Map([...PEOPLE, [CLINIC, "Harbor Community Clinic"]]);
const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

// Scripts that tell the language of a text, near enough for a screen reader to choose its voice.
const SCRIPTS = [
  [/\p{Script=Hangul}/u, "ko"],
  [/\p{Script=Arabic}/u, "ar"],
  [/\p{Script=Han}/u, "zh"],
  [/\p{Script=Cyrillic}/u, "ru"],
  [/\p{Script=Devanagari}/u, "hi"],
  [/\p{Script=Ethiopic}/u, "am"],
  [/\p{Script=Khmer}/u, "km"],
];

/** "+16175550100" → "Harbor Community Clinic", or the number as people write it. */
export function nameOf(number) {
  return NAMES.get(number) ?? written(number);
}

/** "+16175550100" → "+1 617 555 0100"; numbers of other countries stay as they are. */
export function written(number) {
  return String(number ?? "").replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");
}

/** What was typed as E.164, or "" if it can't be a number: "617 555-0142" → "+16175550142". */
export function dialable(typed) {
  const bare = typed.replace(/[\s().-]/g, "");
  if (/^\d{10}$/.test(bare)) return "+1" + bare;
  if (/^1\d{10}$/.test(bare)) return "+" + bare;
  return /^\+\d{7,15}$/.test(bare) ? bare : "";
}

/** "es-MX" → "Mexican Spanish"; "" for a tag that is no language. */
export function languageName(tag) {
  try {
    return languageNames.of(tag) ?? "";
  } catch {
    return "";
  }
}

/** The language of a text by its script; "" (unknown) for Latin letters. */
export function languageOfScript(text) {
  return SCRIPTS.find(([script]) => script.test(text))?.[1] ?? "";
}
