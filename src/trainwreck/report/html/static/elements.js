// Builds elements; every text becomes a text node, so that none of it can act.

const SVG = "http://www.w3.org/2000/svg";

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
};

const make = (name, attributes, ...children) =>
  fill(document.createElement(name), attributes, children);
const draw = (name, attributes, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

const mark = (rung) =>
  make("abbr", { class: `mark r${rung}`, title: names.rung[rung] }, LETTERS[rung]);
const tag = (name, kind) => make("span", { class: `tag ${kind || ""}` }, name);

const rungBar = (counts, label) => {
  const all = counts.reduce((sum, number) => sum + number, 0);
  const words = counts.flatMap((number, rung) => (number ? [`${names.rung[rung]} ${number}`] : []));
  return make("span", { class: "bar", role: "img", "aria-label": `${label}: ${words.join(", ")}` },
    counts.map((number, rung) => number
      ? make("span", { class: `r${rung}`, style: `flex:${number}`,
        title: `${names.rung[rung]}: ${number}` },
      number >= 0.06 * all ? make("span", null, number) : null)
      : null));
};

const changeOf = (bug) => {
  if (column.before[bug] < 0) return [text(column.after[bug])];
  const before = text(column.before[bug]);
  const after = text(column.after[bug]);
  if (before.trim() && after.trim())
    return [make("del", null, before.trim()), make("span", { class: "arrow" }, " → "),
      make("ins", null, after.trim())];
  if (before.trim()) return [make("del", null, before.trim()),
    make("span", { class: "sub-inline" }, " deleted")];
  return [make("ins", null, after.trim() || "unknown")];
};

const placeOf = (bug) => [
  make("a", { href: `#/bug/${encodeURIComponent(text(column.id[bug]))}` },
    `${files[column.file[bug]].path}:${column.line[bug]}`),
  make("span", { class: "sub" }, functionName(functions[column.function[bug]])),
];

const impactTags = (bug) =>
  index.impactSets[column.impacts[bug]].map((impact) =>
    tag(names.impact[impact], `i-${names.impact[impact]}`));

const section = (address) => document.getElementById(address);
