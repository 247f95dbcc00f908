// Curves of a bug over the band of clean runs, and its results seed by seed.

const DECADES = 1000;
const BEYOND = 20;
// Steps are counted: an axis with 1.5 would name a step that is none.
const WHOLE = [1, 2, 5].flatMap((first) => Array.from({ length: 13 }, (_, power) =>
  first * 10 ** power)).sort((a, b) => a - b);
let charts = [];

const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const valueOf = (_, value) => (value === null || value === undefined ? "" : digits(value));
const finite = (values) => values.filter((value) => value !== null && value !== undefined);

// A curve is [steps, values]; steps are empty where none is left out.
const pointsOf = ([steps, values]) =>
  new Map(values.map((value, at) => [steps.length ? steps[at] : at + 1, value]));

const curveData = (curve, band) => {
  const own = pointsOf(curve);
  const of = (name) => (band ? new Map(band.steps.map((step, at) => [step, band[name][at]]))
    : new Map());
  const lines = [of("low"), of("high"), of("first"), own];
  const steps = [...new Set(lines.flatMap((line) => [...line.keys()]))].sort((a, b) => a - b);
  return [steps, ...lines.map((line) => steps.map((step) => line.get(step) ?? null))];
};

// One value of 1e64 must not flatten all others: a log axis, or an end of the axis.
const scaleOf = (data) => {
  const own = finite(data[4]);
  const clean = finite([...data[1], ...data[2]]);
  const all = [...own, ...clean];
  const least = Math.min(...all);
  const most = Math.max(...all);
  if (least > 0 && most / least > DECADES) return { log: true };
  if (!clean.length) return {};
  const low = Math.min(...clean);
  const high = Math.max(...clean);
  const reach = BEYOND * (high - low || Math.abs(high) || 1);
  if (most <= high + reach && least >= low - reach) return {};
  return { ends: [Math.max(least, low - reach), Math.min(most, high + reach)],
    note: `Values beyond the axis reach from ${digits(least)} to ${digits(most)}.` };
};

const chartOf = (metric, curve, band) => {
  const data = curveData(curve, band);
  const scale = scaleOf(data);
  const own = finite(data[4]);
  const ends = band ? [finite(band.low).at(-1), finite(band.high).at(-1)].map(digits).join(" to ")
    : "not known";
  const words = `${metric.name} over ${count(data[0].length, "step")}: ends at `
    + `${digits(own.at(-1))}; clean runs end at ${ends}`;
  const holder = make("div", { class: "chart", role: "img", "aria-label": words });
  const figure = make("figure", null, make("figcaption", null, metric.name,
    make("span", { class: "sub-inline" }, scale.log ? " (logarithmic axis)" : "")), holder,
  scale.note ? make("p", { class: "note" }, scale.note) : null);
  const options = (ink, axis) => ({
    width: Math.max(280, holder.clientWidth),
    height: 240,
    cursor: { y: false },
    legend: { live: true },
    scales: { x: { time: false }, y: { distr: scale.log ? 3 : 1,
      ...(scale.ends ? { range: scale.ends } : {}) } },
    axes: [{ ...axis, incrs: WHOLE, label: "step", labelSize: 18, labelFont: axis.font },
      { ...axis, size: 62, values: (_, values) => values.map(digits) }],
    bands: band ? [{ series: [2, 1], fill: styleOf("--band") }] : [],
    series: [{ label: "step", value: (_, value) => value ?? "" },
      { label: "lowest clean", stroke: styleOf("--band-edge"), width: 1, points: { show: false }, spanGaps: true, value: valueOf },
      { label: "highest clean", stroke: styleOf("--band-edge"), width: 1, points: { show: false }, spanGaps: true, value: valueOf },
      { label: "clean, same seed", stroke: ink, width: 1.5, dash: [5, 4], points: { show: false }, spanGaps: true, value: valueOf },
      { label: "this bug", stroke: styleOf("--bug"), width: 2.5, points: { show: data[0].length < 3 }, value: valueOf }],
  });
  // Each start asks for the colours again: the theme may be another one.
  const start = () => {
    const ink = styleOf("--ink-soft");
    const axis = { stroke: ink, grid: { stroke: styleOf("--line"), width: 1 },
      ticks: { stroke: styleOf("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    return new uPlot(options(ink, axis), data, holder);
  };
  charts.push({ start, holder, chart: null });
  return figure;
};

const startCharts = () => {
  for (const one of charts) {
    one.chart?.destroy();
    one.chart = one.start();
  }
};

let waiting = 0;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(startCharts, 150);
});

// Dots on one axis: the clean runs above, the runs of the bug below, joined by seed.
const dotsOf = (metric, pairs) => {
  const values = finite(pairs.flatMap(([, , own, clean]) => [own, clean]));
  if (values.length < 2) return null;
  const least = Math.min(...values);
  const reach = Math.max(...values) - least || 1;
  const at = (value) => 12 + 576 * (value - least) / reach;
  const dot = (value, y, kind) => (value === null ? null
    : draw("circle", { cx: at(value), cy: y, r: 5, class: kind }));
  const words = `${metric.name} by seed: ${pairs.map(([seed, , own, clean]) =>
    `seed ${seed}: ${digits(own)}, clean ${digits(clean)}`).join("; ")}`;
  return draw("svg", { viewBox: "0 0 600 92", class: "dots", role: "img", "aria-label": words },
    draw("line", { x1: 12, x2: 588, y1: 66, y2: 66, class: "axis" }),
    pairs.map(([, , own, clean]) => (own === null || clean === null ? null
      : draw("line", { x1: at(clean), y1: 18, x2: at(own), y2: 48, class: "join" }))),
    pairs.map(([, , , clean]) => dot(clean, 18, "clean")),
    pairs.map(([, , own]) => dot(own, 48, "own")),
    draw("text", { x: 12, y: 84 }, digits(least)),
    draw("text", { x: 588, y: 84, "text-anchor": "end" }, digits(least + reach)));
};

const seedsOf = (metric, pairs) => {
  const folds = pairs.some(([, fold]) => fold);
  const heads = ["Seed", ...(folds ? ["Fold"] : []), "This bug", "Clean", "Difference"];
  const rows = pairs.map(([seed, fold, own, clean]) => make("tr", null,
    make("th", { scope: "row" }, seed), folds ? make("td", { class: "number" }, fold) : null,
    [own, clean].map((value) => make("td", { class: "number" }, digits(value))),
    make("td", { class: "number" }, own === null || clean === null ? "-" : signed(own - clean))));
  return make("figure", null, make("figcaption", null, metric.name,
    make("span", { class: "sub-inline" }, ` (${metric.better} is better)`)),
  dotsOf(metric, pairs),
  make("p", { class: "key" }, make("span", { class: "dot clean" }), "clean run ",
    make("span", { class: "dot own" }), "with this bug, same seed"),
  make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `${metric.name} by seed` },
    make("table", { class: "seeds" }, make("caption", null, `${metric.name} by seed`),
      make("thead", null, make("tr", null, heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", null, rows))));
};
