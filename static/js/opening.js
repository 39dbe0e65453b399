// Enhancements of the pages about a person: more rows of needs, the center proposed from the
// neighbourhood, long lists found by typing. Without it the server does the same.

const form = document.querySelector("[data-kim-open-case]");

// --- Rows of needs --------------------------------------------------------------------------------

const rows = form?.querySelector("[data-kim-needs]");
const pattern = form?.querySelector("[data-kim-need-pattern]");
const more = form?.querySelector("[data-kim-more-needs]");
const total = form?.querySelector("[name=needs-TOTAL_FORMS]");
const most = Number(form?.querySelector("[name=needs-MAX_NUM_FORMS]")?.value ?? 0);

function hideMoreWhenFull() {
  more.hidden = Number(total.value) >= most;
}

function firstField(row) {
  return row?.querySelector("select, input, textarea");
}

if (more) {
  hideMoreWhenFull();
  more.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    const made = document.createElement("template");
    made.innerHTML = pattern.innerHTML
      .replaceAll("__prefix__", number)
      .replaceAll("__number__", number + 1);
    const row = made.content.querySelector("[data-kim-need-row]");
    rows.append(made.content);
    total.value = number + 1;
    hideMoreWhenFull();
    firstField(row)?.focus();
  });
  if (more.hasAttribute("data-kim-focus-last")) firstField(rows.lastElementChild)?.focus();
}

// --- The center that serves the neighbourhood -----------------------------------------------------

const residence = form?.querySelector("[name=residence]");
const center = form?.querySelector("[name=center]");
const centerHint = form?.querySelector("[data-kim-center-hint]");

if (residence && center) {
  let chosenByHand = center.value !== "";
  center.addEventListener("change", () => {
    chosenByHand = center.value !== "";
    centerHint.hidden = true;
  });
  residence.addEventListener("change", () => {
    if (chosenByHand) return;
    const serving = residence.selectedOptions[0]?.dataset.kimCenter ?? "";
    center.value = serving;
    centerHint.hidden = !serving || center.value !== serving;
  });
}

// --- A reason is asked for only where it is needed ------------------------------------------------

const oral = form?.querySelector("[data-kim-oral]");
if (oral) {
  const showOral = () => {
    const chosen = form.querySelector("[name=consent_form]:checked")?.value;
    oral.hidden = chosen !== "oral" && !oral.querySelector(".is-invalid");
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "consent_form") showOral();
  });
  showOral();
}
