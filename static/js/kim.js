// Enhancements of every page. Nothing here is needed: without it menus open, forms are sent and
// messages are read where they stand.

const live = document.querySelector("[data-kim-live]");

/** Have a sentence read out. A region that is filled after loading is announced, others are not. */
export function announce(sentence) {
  if (!live || !sentence) return;
  live.textContent = "";
  window.setTimeout(() => {
    live.textContent = sentence;
  }, 100);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-kim-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-kim-menu]"));
});

document.addEventListener("focusin", (event) => {
  closeMenus(event.target.closest("details[data-kim-menu]"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-kim-menu][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// What went wrong comes first: the summary of errors is focused, and read out.
document.querySelector("[data-kim-error-summary]")?.focus();

const said = [...document.querySelectorAll("[data-kim-messages] [role=status]")];
announce(said.map((message) => message.textContent.trim()).join(" "));

// A fragment may say in words what changed: data-kim-announce="12 Fälle".
document.addEventListener("htmx:afterSettle", (event) => {
  const speaker = event.target.closest?.("[data-kim-announce]")
    ?? event.target.querySelector?.("[data-kim-announce]");
  announce(speaker?.dataset.kimAnnounce);
});

// A filter form with data-kim-filter is sent when something in it is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-kim-filter]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) {
    form.requestSubmit();
  }
});

// On a phone the filters wait behind a button, so that the list comes first.
for (const form of document.querySelectorAll("form[data-kim-fold]")) {
  const submit = form.querySelector("button:not([type=button])");
  if (!submit) continue;
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "btn btn-quiet filter-toggle";
  toggle.textContent = submit.textContent;
  toggle.setAttribute("aria-expanded", "false");
  form.classList.add("is-folded");
  form.before(toggle);
  toggle.addEventListener("click", () => {
    const folded = form.classList.toggle("is-folded");
    toggle.setAttribute("aria-expanded", String(!folded));
  });
}

// Pressing twice sends once. The server knows too: every such form carries a one-time key.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.kimSent) {
    event.preventDefault();
    return;
  }
  form.dataset.kimSent = "1";
  window.setTimeout(() => delete form.dataset.kimSent, 4000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-kim-sent]")) delete form.dataset.kimSent;
});
