// The data of the page: an index that is read at once, and parts that are read when asked for.

const part = (id) => {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
};

const index = part("index");
const text = (number) => index.strings[number];
const column = Object.fromEntries(
  Object.entries(index.columns).map(([name, values]) =>
    [name, name === "effect" ? values : Int32Array.from(values)]));
const total = column.id.length;

const names = {
  fate: index.fates,
  rung: index.rungs,
  impact: index.impacts,
  operator: index.operators.map(text),
  phase: index.phases.map(text),
  library: [],
};
const files = index.files.map(([root, path]) => ({ root: text(root), path: text(path) }));
names.library = [...new Set(files.map((file) => file.root))];
const libraryOfFile = files.map((file) => names.library.indexOf(file.root));
const functions = index.functions.map(text);
const metrics = index.metrics.map(([name, better]) => ({ name: text(name), better }));
const LETTERS = "UIMVPCH?N";

const bugOfId = new Map();
for (let bug = 0; bug < total; bug++) bugOfId.set(text(column.id[bug]), bug);

const parts = new Map();
const detailOf = (bug) => {
  const number = Math.floor(bug / index.chunk);
  if (!parts.has(number)) parts.set(number, part(`details-${number}`));
  const { mutants, strings } = parts.get(number);
  return { ...mutants[bug % index.chunk], text: (one) => strings[one] };
};

const texts = new Map();
const linesOf = (file) => {
  if (!texts.has(file)) texts.set(file, part(`source-${file}`));
  return texts.get(file);
};

const functionName = (name) => (name === "<module>" ? "module level" : name);
const digits = (value) => {
  if (value === null || value === undefined) return "-";
  if (value === 0) return "0";
  return Number(value.toPrecision(4)).toString();
};
const signed = (value) => (value > 0 ? `+${digits(value)}` : digits(value).replace("-", "−"));
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
