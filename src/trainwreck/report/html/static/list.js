// The list of all bugs, with its filters.

const HEADS = { fate: "Fate", rung: "Rung", impact: "Impact", operator: "Operator",
  phase: "Phase", library: "Library" };

let filters = noFilters();
let shownBugs = [];
let panel = null;

const addressOfList = () => {
  const query = queryOf(filters);
  return query ? `#/bugs?${query}` : "#/bugs";
};

// A choice is a step that Back undoes; typing is not.
const changeFilters = (isTyping) => {
  filters.page = 1;
  if (isTyping) {
    history.replaceState(null, "", addressOfList());
    showList();
  } else location.hash = addressOfList();
};

const facetOf = (facet) => {
  const numbers = names[facet].map(() => make("span", { class: "number" }));
  const boxes = names[facet].map((name, one) =>
    make("input", { type: "checkbox", name: facet, value: name, onchange: (event) => {
      if (event.target.checked) filters[facet].add(one);
      else filters[facet].delete(one);
      changeFilters(false);
    } }));
  const rows = names[facet].map((name, one) =>
    make("label", null, boxes[one],
      facet === "rung" ? make("span", { class: `mark r${one}`, "aria-hidden": "true" },
        LETTERS[one]) : null,
      make("span", { class: "name" }, name), numbers[one]));
  const element = make("fieldset", null, make("legend", null, HEADS[facet]),
    make("div", { class: "values" }, rows));
  return { element, boxes, rows, numbers };
};

const inputOf = (name) => {
  const input = make("input", { type: "search", name, autocomplete: "off", spellcheck: "false",
    oninput: () => {
      filters[name] = input.value;
      changeFilters(true);
    } });
  return { input, element: make("label", { class: "typed" }, INPUTS[name], input) };
};

const makePanel = () => {
  const facets = Object.fromEntries(FACETS.map((facet) => [facet, facetOf(facet)]));
  const inputs = Object.fromEntries(Object.keys(INPUTS).map((name) => [name, inputOf(name)]));
  const sort = make("select", { onchange: () => {
    filters.sort = sort.value;
    changeFilters(false);
  } }, Object.entries(SORTS).map(([name, words]) => make("option", { value: name }, words)));
  const found = make("p", { class: "found", role: "status" });
  const rest = make("a", { href: "#/bugs", class: "clear" }, "Clear all filters");
  const body = make("tbody");
  const pages = make("nav", { class: "pages", "aria-label": "Pages" });
  const drawer = make("details", { class: "filters", open: window.innerWidth > 760 },
    make("summary", null, "Filters"),
    make("form", { onsubmit: (event) => event.preventDefault() },
      Object.values(inputs).map((one) => one.element),
      FACETS.map((facet) => facets[facet].element)));
  const heads = ["Bug", "Change", "Operator", "Rung", "Fate and impact", "Effect"];
  const table = make("table", { class: "bugs" }, make("caption", null, "All bugs"),
    make("thead", null, make("tr", null, heads.map((head) =>
      make("th", { scope: "col" }, head)))), body);
  section("/bugs").replaceChildren(
    make("h2", { tabindex: "-1" }, "All bugs"),
    make("div", { class: "split" }, drawer,
      make("div", { class: "results" },
        make("div", { class: "line" }, found, rest, make("label", { class: "sort" }, "Order ", sort)),
        make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "All bugs" },
          table),
        pages)));
  panel = { facets, inputs, sort, found, rest, body, pages };
};

const rowOf = (bug) => {
  const effect = column.effect[bug];
  return make("tr", null,
    make("th", { scope: "row" }, placeOf(bug)),
    make("td", null, changeOf(bug)),
    make("td", null, names.operator[column.operator[bug]]),
    make("td", null, mark(column.rung[bug])),
    make("td", null, tag(names.fate[column.fate[bug]], `f-${column.fate[bug]}`), impactTags(bug)),
    make("td", { class: "number" }, effect === null ? null : signed(effect)));
};

const updatePanel = (counts) => {
  for (const facet of FACETS) {
    const { element, boxes, rows, numbers } = panel.facets[facet];
    let some = 0;
    boxes.forEach((box, one) => {
      box.checked = filters[facet].has(one);
      numbers[one].textContent = counts[facet][one].toLocaleString("en");
      rows[one].hidden = !counts[facet][one] && !box.checked;
      some += !rows[one].hidden;
    });
    element.hidden = !some;
  }
  for (const [name, { input }] of Object.entries(panel.inputs))
    if (input.value !== filters[name]) input.value = filters[name];
  panel.sort.value = filters.sort;
};

const updatePages = () => {
  const last = Math.max(1, Math.ceil(shownBugs.length / PAGE));
  const link = (page, words, rel) => {
    if (page < 1 || page > last || page === filters.page) return make("span", null, words);
    const query = queryOf({ ...filters, page });
    return make("a", { href: query ? `#/bugs?${query}` : "#/bugs", rel }, words);
  };
  panel.pages.hidden = last === 1;
  panel.pages.replaceChildren(link(1, "First"), link(filters.page - 1, "Previous", "prev"),
    make("span", { class: "here", "aria-current": "page" }, `Page ${filters.page} of ${last}`),
    link(filters.page + 1, "Next", "next"), link(last, "Last"));
};

const showList = () => {
  if (!panel) makePanel();
  const { bugs, counts } = filtered(filters);
  shownBugs = bugs;
  filters.page = Math.min(filters.page, Math.max(1, Math.ceil(bugs.length / PAGE)));
  updatePanel(counts);
  panel.found.textContent = bugs.length === total ? count(total, "bug")
    : `${bugs.length.toLocaleString("en")} of ${count(total, "bug")}`;
  panel.rest.hidden = !queryOf({ ...filters, sort: "interest", page: 1 });
  const start = (filters.page - 1) * PAGE;
  panel.body.replaceChildren(...bugs.slice(start, start + PAGE).map(rowOf));
  updatePages();
};
