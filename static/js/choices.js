// Long lists of boxes are found by typing; without script they are lists of boxes.

for (const list of document.querySelectorAll("[data-kim-searchable]")) {
  const boxes = [...list.querySelectorAll("input[type=checkbox]")];
  if (!boxes.length) continue;
  const options = boxes.map((box) => ({
    box,
    item: box.closest(".form-check") ?? box.parentElement,
    text: (box.labels[0]?.textContent ?? "").trim().toLocaleLowerCase("de"),
  }));
  const search = document.createElement("input");
  search.type = "search";
  search.className = "form-control choice-search";
  search.autocomplete = "off";
  search.placeholder = list.dataset.kimSearchable;
  search.setAttribute("aria-label", list.dataset.kimSearchable);
  options[0].item.parentElement.before(search);
  const filter = () => {
    const wanted = search.value.trim().toLocaleLowerCase("de");
    for (const { box, item, text } of options) {
      item.hidden = Boolean(wanted) && !text.includes(wanted) && !box.checked;
    }
  };
  search.addEventListener("input", filter);
  // Enter ticks the only one left instead of sending the form.
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const wanted = search.value.trim().toLocaleLowerCase("de");
    const left = options.filter(({ text }) => wanted && text.includes(wanted));
    const exact = left.find(({ text }) => text === wanted) ?? (left.length === 1 ? left[0] : null);
    if (!exact) return;
    exact.box.checked = true;
    search.value = "";
    filter();
  });
}
