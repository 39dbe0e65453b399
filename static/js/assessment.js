// Filling in an assessment by keyboard: a digit chooses and goes on to the next row. What is filled
// in is kept while one goes on. Without it arrows, Tab and the button “keep” do the same.

const form = document.querySelector("[data-kim-assess]");
const rows = [...form.querySelectorAll("[data-kim-scale-row]")];
const finish = form.querySelector("[data-kim-assess-finish]");
const VALUES = { "?": "not_asked", "-": "not_relevant" };
// Kept this long after the last change, and at once when the page is left for another window.
const PAUSE = 1500;

form.querySelector("[data-kim-scale-hint]").hidden = false;

/** The radio button of a row that Tab would reach: the chosen one, or the first. */
function stopOf(row) {
  return row.querySelector("input[type=radio]:checked") ?? row.querySelector("input[type=radio]");
}

function goOnFrom(row) {
  const next = rows[rows.indexOf(row) + 1];
  const target = next ? stopOf(next) : finish;
  target.focus();
  (next ?? target).scrollIntoView({ block: "nearest" });
}

form.addEventListener("keydown", (event) => {
  if (!event.target.matches("[data-kim-scale-row] input[type=radio]")) return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const row = event.target.closest("[data-kim-scale-row]");
  if (event.key === "n") {
    const notes = row.querySelector("details");
    notes.open = true;
    notes.querySelector("input, textarea").focus();
    event.preventDefault();
    return;
  }
  const value = VALUES[event.key] ?? event.key;
  const radio = [...row.querySelectorAll("input[type=radio]")].find((one) => one.value === value);
  if (!radio) return;
  event.preventDefault();
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  goOnFrom(row);
});

// --- Kept while one goes on -----------------------------------------------------------------------

let timer = 0;
let hasChanged = false;
let isSent = false;

function keep() {
  window.clearTimeout(timer);
  if (!hasChanged || isSent) return;
  hasChanged = false;
  form.dispatchEvent(new Event("kim:keep"));
}

form.addEventListener("input", () => {
  hasChanged = true;
  window.clearTimeout(timer);
  timer = window.setTimeout(keep, PAUSE);
});
form.addEventListener("change", () => {
  hasChanged = true;
  window.clearTimeout(timer);
  timer = window.setTimeout(keep, PAUSE);
});
form.addEventListener("submit", () => {
  isSent = true;
  window.clearTimeout(timer);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") keep();
});

// A refusal is an answer too: it says who has gone on meanwhile.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 409) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:responseError", () => {
  document.querySelector("#kept").textContent = form.dataset.kimNotKept ?? "";
});
document.addEventListener("htmx:sendError", () => {
  hasChanged = true;
  document.querySelector("#kept").textContent = form.dataset.kimNotKept ?? "";
});
