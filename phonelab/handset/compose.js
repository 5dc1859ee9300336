// The box to write a text in.

const TALLEST = 120; // pixels, before it scrolls

/** `send(body)` gets what was written; the box is emptied if it returns true. */
export function makeCompose(form, send) {
  const body = form.querySelector(".body");
  const grow = () => {
    body.style.height = "auto";
    body.style.height = `${Math.min(body.scrollHeight + 2, TALLEST)}px`;
  };
  body.addEventListener("input", grow);
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!body.value.trim() || !send(body.value)) return;
    body.value = "";
    grow();
  });
}
