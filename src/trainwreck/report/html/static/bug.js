// The page of one bug: the change, what came of it, its results, and what it printed.

const AROUND = 4;

const cut = (line, from, to, name) => (to > from
  ? [line.slice(0, from), make(name, null, line.slice(from, to)), line.slice(to)]
  : [line]);

const codeLine = (number, sign, content) =>
  make("div", { class: `line ${sign === "-" ? "gone" : sign === "+" ? "new" : ""}` },
    make("span", { class: "no" }, number ?? ""), make("span", { class: "sign" }, sign),
    make("code", null, content));

// One edit as lines: some before it, the old ones, the new ones, some after it.
const hunkOf = (lines, [from, column_, to, endColumn, before, after], word) => {
  const rows = [];
  for (let at = Math.max(1, from - AROUND); at < from; at++)
    rows.push(codeLine(at, " ", lines[at - 1]));
  const old = lines.slice(from - 1, to);
  old.forEach((line, at) => rows.push(codeLine(from + at, "-",
    cut(line, at ? 0 : column_, at === old.length - 1 ? endColumn : line.length, "del"))));
  const put = (after === null ? "" : word(after)).split("\n");
  const head = old[0].slice(0, column_);
  const tail = old[old.length - 1].slice(endColumn);
  put.forEach((line, at) => {
    const whole = `${at ? "" : head}${line}${at === put.length - 1 ? tail : ""}`;
    const start = at ? 0 : head.length;
    if (put.length > 1 || whole.trim()) rows.push(codeLine(null, "+",
      cut(whole, start, start + line.length, "ins")));
  });
  for (let at = to + 1; at <= Math.min(lines.length, to + AROUND); at++)
    rows.push(codeLine(at, " ", lines[at - 1]));
  return rows;
};

const changeView = (detail) => detail.edits.map(([file, edits]) => {
  const path = files[file].path;
  const address = `#/source/${encodeURIComponent(`${files[file].root}/${path}`)}`;
  const lines = index.sources[file] ? linesOf(file) : null;
  const blocks = edits.map((edit) => {
    const [from, , , , before, after] = edit;
    if (lines && lines[from - 1] !== undefined) return hunkOf(lines, edit, detail.text);
    return [before === null && after === null ? null : before === null || !detail.text(before) ? null
      : detail.text(before).split("\n").map((line, at) => codeLine(from + at, "-", make("del", null, line))),
    after === null || !detail.text(after) ? null
      : detail.text(after).split("\n").map((line) => codeLine(null, "+", make("ins", null, line)))].flat();
  });
  return make("figure", { class: "code" },
    make("figcaption", null, make("a", { href: address }, path)),
    make("div", { class: "lines", tabindex: "0", role: "region", "aria-label": `The change of ${path}` },
      blocks),
    lines ? null : make("p", { class: "note" }, "The text of this file is not part of the results."));
});

const storyView = (detail) => {
  const [first, ...rest] = detail.story.map(detail.text);
  return [make("p", { class: "fate" }, first),
    rest.length ? make("ul", { class: "story" }, rest.map((line) =>
      make("li", { class: line.startsWith("    ") ? "deep" : null }, line.trim()))) : null];
};

const curvesView = (detail) => {
  const curves = Object.entries(detail.curves || {});
  if (!curves.length) return [];
  const runs = Math.max(0, ...curves.map(([metric]) => index.clean[metric]?.runs ?? 0));
  return [make("h3", null, "Curves of its first run"),
    make("p", { class: "note" }, runs ? `The band spans ${count(runs, "clean run")} of all seeds.`
      : "No clean run reported these values step by step."),
    make("div", { class: "charts" }, curves.map(([metric, curve]) =>
      chartOf(metrics[metric], curve, index.clean[metric])))];
};

const factsOf = (bug) => {
  const file = files[column.file[bug]];
  const phases = index.phaseSets[column.phases[bug]].map((phase) => names.phase[phase]);
  const id = text(column.id[bug]);
  const fact = (name, value) => [make("dt", null, name), make("dd", null, value)];
  return make("dl", { class: "facts" },
    fact("Rung", [mark(column.rung[bug]), ` ${names.rung[column.rung[bug]]}`]),
    fact("Fate", names.fate[column.fate[bug]]),
    index.impactSets[column.impacts[bug]].length ? fact("Impact", impactTags(bug)) : null,
    fact("Operator", names.operator[column.operator[bug]]),
    index.phases.length ? fact("Runs in", phases.join(", ") || "no clean run") : null,
    fact("Library", file.root),
    fact("Id", make("code", null, id)),
    bug >= index.sample ? fact("Chosen", "by hand; it is no part of the sample") : null);
};

const neighbours = (bug) => {
  const bugs = shownBugs.length ? shownBugs : filtered(filters).bugs;
  const at = bugs.indexOf(bug);
  const link = (other, words, rel) => (at < 0 || other === undefined ? null
    : make("a", { href: `#/bug/${encodeURIComponent(text(column.id[other]))}`, rel }, words));
  return make("nav", { class: "pages", "aria-label": "Neighbours" },
    make("a", { href: addressOfList() }, "All bugs"),
    link(bugs[at - 1], "Previous", "prev"),
    at < 0 ? null : make("span", { class: "here" }, `${at + 1} of ${bugs.length}`),
    link(bugs[at + 1], "Next", "next"));
};

const logView = (detail) => {
  if (!detail.log) return [make("p", { class: "note" },
    "What its run printed is no part of this page.")];
  if (!detail.log.length) return [make("p", { class: "note" }, "Its run printed nothing.")];
  return [make("pre", { tabindex: "0", "aria-label": "The end of what its run printed" },
    detail.log.map(detail.text).join("\n"))];
};

const showBug = (id) => {
  const bug = bugOfId.get(id);
  charts = [];
  if (bug === undefined) {
    section("/bug").replaceChildren(make("h2", { tabindex: "-1" }, "Bug"),
      make("p", { class: "none" }, `No judged bug has the id ${id}.`));
    return "Bug";
  }
  const detail = detailOf(bug);
  const title = `${files[column.file[bug]].path}:${column.line[bug]}`;
  const pairs = detail.pairs || [];
  section("/bug").replaceChildren(
    neighbours(bug),
    make("h2", { tabindex: "-1" }, title,
      make("span", { class: "sub" }, functionName(functions[column.function[bug]]))),
    make("div", { class: "split reverse" },
      make("div", { class: "results" },
        make("h3", null, "The change"), changeView(detail),
        make("h3", null, "What came of it"), storyView(detail),
        pairs.length ? make("h3", null, "Results by seed") : null,
        make("div", { class: "charts" }, pairs.map(([metric, values]) =>
          seedsOf(metrics[metric], values))),
        curvesView(detail),
        make("h3", null, "What its run printed, at the end"), logView(detail),
        make("h3", null, index.commands.length > 1 ? "See more, or run it again" : "See more"),
        make("pre", { tabindex: "0", "aria-label": "Commands" },
          index.commands.map((command) => `${command} ${id}`).join("\n"))),
      make("aside", { "aria-label": "Facts" }, factsOf(bug))));
  startCharts();
  return title;
};
