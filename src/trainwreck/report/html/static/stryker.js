// The view in Stryker's viewer: when it is first opened, its report is made of the page's data.

const wordsOfPlace = (name) => (name === "<module>" ? "at module level" : `in ${name}`);
const changeInWords = (before, after) => (after ? `replace \`${before}\` with \`${after}\``
  : `delete \`${before.trim()}\``);

// Lines and columns count from 1 there.
const locationOf = ([from, start, to, end]) => {
  const line = Math.max(from, 1);
  const last = Math.max(to, line);
  return {
    start: { line, column: start + 1 },
    end: { line: last, column: (last === line ? Math.max(start, end) : end) + 1 },
  };
};

// The text between two places, of which lines count from 1 and columns from 0.
const stretch = (lines, line, start, last, end) => (line === last ? lines[line - 1].slice(start, end)
  : [lines[line - 1].slice(start), ...lines.slice(line, last - 1), lines[last - 1].slice(0, end)]
    .join("\n"));

// Several edits of one bug are one stretch there, with what stays between them.
const replacementOf = (edits, lines, word) => {
  if (edits[0][5] === null) return null;
  let [, , line, start, , after] = edits[0];
  after = word(after);
  if (!lines) return after;
  for (const [from, column_, to, end, , next] of edits.slice(1)) {
    after += stretch(lines, line, start, from, column_) + word(next);
    [line, start] = [to, end];
  }
  return after;
};

const mutantEntry = (id, mutatorName, description, place, replacement, rest) => ({
  id, mutatorName, description, location: locationOf(place),
  ...(replacement === null ? null : { replacement }), ...rest,
});

const judgedEntry = (bug, more) => {
  const file = column.file[bug];
  const detail = detailOf(bug);
  const edits = detail.edits[0][1];
  const [line, start, , , before, after] = edits[0];
  const [, , last, end] = edits[edits.length - 1];
  const word = detail.text;
  const operator = names.operator[column.operator[bug]];
  const effect = [names.rung[column.rung[bug]],
    ...index.impactSets[column.impacts[bug]].map((impact) => names.impact[impact])].join(", ");
  const name = more.names[bug] !== undefined ? more.strings[more.names[bug]]
    : `${files[file].path}:${line}: ${changeInWords(before === null ? "" : word(before),
      after === null ? "" : word(after))} ${wordsOfPlace(functions[column.function[bug]])} [${operator}]`;
  const duration = more.duration[bug];
  return mutantEntry(text(column.id[bug]), operator, name, [line, start, last, end],
    replacementOf(edits, index.sources[file] ? linesOf(file) : null, word), {
      status: more.statuses[more.status[bug]],
      statusReason: `${effect}: ${word(detail.story[1]).slice(2)}`,
      ...(duration === null ? null : { duration }),
    });
};

const waitingEntry = (at, { waiting, strings, files: known, names: own, waits }) => {
  const word = (name) => (waiting[name][at] < 0 ? null : strings[waiting[name][at]]);
  const place = waiting.place[at];
  const path = strings[known[waiting.file[at]][1]];
  const name = own[total + at] !== undefined ? strings[own[total + at]]
    : `${path}:${place[0]}: ${changeInWords(word("before"), word("after"))} ${
      wordsOfPlace(word("function"))} [${word("operator")}]`;
  return mutantEntry(word("id"), word("operator"), name, place, word("after"), waits);
};

const strykerReport = () => {
  const more = part("stryker");
  const entries = more.files.map(([, , number, empty]) => ({
    language: more.language,
    source: (index.sources[number] && linesOf(number).join("\n")) || "\n".repeat(empty),
    mutants: [],
  }));
  const entryOf = new Map(more.files.map(([, , number], at) => [number, entries[at]]));
  for (let bug = 0; bug < total; bug++) entryOf.get(column.file[bug]).mutants.push(judgedEntry(bug, more));
  more.waiting.id.forEach((_, at) => entries[more.waiting.file[at]].mutants.push(waitingEntry(at, more)));
  return { ...more.frame,
    files: Object.fromEntries(more.files.map(([name], at) => [more.strings[name], entries[at]])) };
};

// The viewer keeps its own place in the address of the document that it is in, so it has one of its
// own: a frame that has no rights but to run the two scripts that the page's policy names.
const viewerDocument = () => {
  const script = (id) => `<script>${document.getElementById(id).textContent}</${"script"}>`;
  return `<!doctype html><html lang="en" style="color-scheme:${theme()}"><head><meta charset="utf-8">`
    + `<title>Stryker's viewer</title></head><body style="margin:0"><mutation-test-report-app>`
    + `</mutation-test-report-app><p role="status" style="margin:1rem;font-family:sans-serif">The viewer `
    + `is opening.</p>${script("viewer")}${script("viewer-frame")}</body></html>`;
};

const theme = () => root.dataset.theme
  || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

let viewer = null;
const tellViewer = (more) =>
  viewer?.contentWindow?.postMessage({ theme: theme(), ...more }, "*");

const showStryker = () => {
  const view = section("/stryker");
  if (!viewer) {
    viewer = make("iframe", { class: "viewer", sandbox: "allow-scripts", title: "Stryker's viewer" });
    viewer.srcdoc = viewerDocument();
    viewer.addEventListener("load", () => tellViewer({ report: strykerReport() }));
    view.querySelector(".needs").replaceWith(viewer);
  }
  return view.querySelector("h2").textContent;
};
