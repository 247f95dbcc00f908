// Filters: which bugs a list shows. The address holds them all.

const FACETS = ["fate", "rung", "impact", "operator", "phase", "library"];
const SORTS = {
  interest: "Most interesting first",
  place: "By file and line",
  operator: "By operator",
  effect: "By size of the effect",
};
const INPUTS = { file: "File", function: "Function", q: "Any text" };
const PAGE = 100;

const noFilters = () => ({
  ...Object.fromEntries(FACETS.map((facet) => [facet, new Set()])),
  file: "", function: "", q: "", sort: "interest", page: 1,
});

const decoded = (value) => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

const filtersOf = (query) => {
  const filters = noFilters();
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    const value = pair.slice(at + 1);
    if (FACETS.includes(name)) {
      for (const one of value.split(",")) {
        const number = names[name].indexOf(decoded(one));
        if (number >= 0) filters[name].add(number);
      }
    } else if (name in INPUTS) filters[name] = decoded(value);
    else if (name === "sort" && value in SORTS) filters.sort = value;
    else if (name === "page") filters.page = Math.max(1, Number.parseInt(value, 10) || 1);
  }
  return filters;
};

const queryOf = (filters) => {
  const pairs = FACETS.filter((facet) => filters[facet].size).map((facet) =>
    `${facet}=${[...filters[facet]].map((one) => encodeURIComponent(names[facet][one])).join(",")}`);
  for (const name of Object.keys(INPUTS))
    if (filters[name]) pairs.push(`${name}=${encodeURIComponent(filters[name])}`);
  if (filters.sort !== "interest") pairs.push(`sort=${filters.sort}`);
  if (filters.page > 1) pairs.push(`page=${filters.page}`);
  return pairs.join("&");
};

// For each facet: the number of the value, or of the set of values, that each bug has.
const keyOf = {
  fate: (bug) => column.fate[bug],
  rung: (bug) => column.rung[bug],
  impact: (bug) => column.impacts[bug],
  operator: (bug) => column.operator[bug],
  phase: (bug) => column.phases[bug],
  library: (bug) => libraryOfFile[column.file[bug]],
};
const setsOf = { impact: index.impactSets, phase: index.phaseSets };

const allowed = (facet, chosen) => {
  const sets = setsOf[facet];
  const keys = sets ? sets.length : names[facet].length;
  return Uint8Array.from({ length: keys }, (_, key) =>
    !chosen.size || (sets ? sets[key].some((one) => chosen.has(one)) : chosen.has(key)) ? 1 : 0);
};

const containing = (values, wanted) => {
  const low = wanted.toLowerCase();
  return Uint8Array.from(values, (value) => (value.toLowerCase().includes(low) ? 1 : 0));
};

const textTests = (filters) => {
  const tests = [];
  if (filters.file) {
    const fits = containing(files.map((file) => file.path), filters.file);
    tests.push((bug) => fits[column.file[bug]]);
  }
  if (filters.function) {
    const fits = containing(functions.map((name) => `${name} ${functionName(name)}`),
      filters.function);
    tests.push((bug) => fits[column.function[bug]]);
  }
  if (filters.q) {
    const fits = containing(index.strings, filters.q);
    const ofFile = index.files.map(([root, path]) => fits[root] || fits[path]);
    const ofFunction = index.functions.map((name) => fits[name]);
    const ofOperator = index.operators.map((name) => fits[name]);
    tests.push((bug) => fits[column.id[bug]] || fits[column.before[bug]]
      || fits[column.after[bug]] || ofFile[column.file[bug]] || ofFunction[column.function[bug]]
      || ofOperator[column.operator[bug]]);
  }
  return tests;
};

const orders = new Map();
const orderBy = (sort) => {
  if (!orders.has(sort)) {
    const order = Int32Array.from({ length: total }, (_, bug) => bug);
    const rank = (a, b) => column.rank[a] - column.rank[b];
    const effect = (bug) => Math.abs(column.effect[bug] ?? 0);
    const compare = {
      interest: rank,
      place: (a, b) => column.file[a] - column.file[b] || column.line[a] - column.line[b],
      operator: (a, b) => column.operator[a] - column.operator[b] || rank(a, b),
      effect: (a, b) => effect(b) - effect(a) || rank(a, b),
    };
    orders.set(sort, order.sort(compare[sort]));
  }
  return orders.get(sort);
};

// The bugs that pass, in order; and for each value the number that pass all other facets.
const filtered = (filters) => {
  const tests = textTests(filters);
  const fits = FACETS.map((facet) => allowed(facet, filters[facet]));
  const keys = FACETS.map((facet) => keyOf[facet]);
  const keyCounts = FACETS.map((_, facet) => new Int32Array(fits[facet].length));
  const bugs = [];
  for (const bug of orderBy(filters.sort)) {
    if (!tests.every((test) => test(bug))) continue;
    let refused = 0;
    let by = -1;
    for (let facet = 0; facet < FACETS.length && refused < 2; facet++)
      if (!fits[facet][keys[facet](bug)]) {
        refused++;
        by = facet;
      }
    if (refused === 0) {
      bugs.push(bug);
      for (let facet = 0; facet < FACETS.length; facet++) keyCounts[facet][keys[facet](bug)]++;
    } else if (refused === 1) keyCounts[by][keys[by](bug)]++;
  }
  const counts = Object.fromEntries(FACETS.map((facet, number) => {
    const sets = setsOf[facet];
    if (!sets) return [facet, keyCounts[number]];
    const values = new Int32Array(names[facet].length);
    sets.forEach((set, key) => set.forEach((one) => { values[one] += keyCounts[number][key]; }));
    return [facet, values];
  }));
  return { bugs, counts };
};
