// The source of mutated files, with bugs in the margin by rung.

const MOST_LINES = 4000;
const WINDOW = 15;

const fileOfName = new Map(files.map((file, number) => [`${file.root}/${file.path}`, number]));
let bugsOfFiles = null;

const bugsOfFile = (file) => {
  if (!bugsOfFiles) {
    bugsOfFiles = files.map(() => []);
    for (let bug = 0; bug < total; bug++) bugsOfFiles[column.file[bug]].push(bug);
  }
  return bugsOfFiles[file];
};

const countsOf = (bugs) => {
  const counts = names.rung.map(() => 0);
  for (const bug of bugs) counts[column.rung[bug]]++;
  return counts;
};

const showFiles = () => {
  const order = files.map((_, file) => file).filter((file) => bugsOfFile(file).length);
  order.sort((a, b) => bugsOfFile(b).length - bugsOfFile(a).length);
  const most = order.length ? bugsOfFile(order[0]).length : 1;
  const rows = order.map((file) => {
    const { root, path } = files[file];
    const bugs = bugsOfFile(file);
    const bar = rungBar(countsOf(bugs), path);
    bar.style.width = `${Math.max(2, 100 * bugs.length / most)}%`;
    return make("tr", null,
      make("th", { scope: "row" },
        make("a", { href: `#/source/${encodeURIComponent(`${root}/${path}`)}` }, path),
        make("span", { class: "sub" }, root)),
      make("td", { class: "number" }, bugs.length.toLocaleString("en")),
      make("td", null, bar));
  });
  section("/source").replaceChildren(
    make("h2", { tabindex: "-1" }, "Source"),
    make("p", { class: "lead" }, `${count(order.length, "file")} with judged bugs. Each file shows its bugs in the margin.`),
    rows.length ? make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Files" },
      make("table", { class: "bars" }, make("caption", null, "Files"),
        make("thead", null, make("tr", null, ["File", "Bugs", "By rung"].map((head) =>
          make("th", { scope: "col" }, head)))), make("tbody", null, rows)))
      : make("p", { class: "none" }, "No bug is judged yet."));
  return "Source";
};

const bugsOfLine = (bugs) => make("ul", { class: "here-bugs" }, bugs.map((bug) => make("li", null,
  mark(column.rung[bug]), " ",
  make("a", { href: `#/bug/${encodeURIComponent(text(column.id[bug]))}` }, changeOf(bug)),
  make("span", { class: "sub-inline" }, ` ${names.operator[column.operator[bug]]} `),
  impactTags(bug))));

const marginOf = (line, bugs, row) => {
  const counts = countsOf(bugs);
  const words = counts.flatMap((number, rung) => (number ? [`${number} ${names.rung[rung]}`] : []));
  const button = make("button", { type: "button", class: "marks", "aria-expanded": "false",
    title: words.join(", ") },
  make("span", { class: "heard" }, `Line ${line}: ${words.join(", ")}`),
  counts.flatMap((number, rung) => (number
    ? [make("span", { class: `mark r${rung}`, "aria-hidden": "true" }, LETTERS[rung], number > 1
      ? make("small", null, number) : null)] : [])));
  button.addEventListener("click", () => {
    const isOpen = row.nextSibling?.className === "here-bugs";
    if (isOpen) row.nextSibling.remove();
    else row.after(bugsOfLine(bugs));
    button.setAttribute("aria-expanded", String(!isOpen));
  });
  return button;
};

const sourceRow = (line, content, bugs) => {
  const row = make("div", { class: bugs ? "line mutated" : "line" });
  row.append(make("span", { class: "margin" }, bugs ? marginOf(line, bugs, row) : null),
    make("span", { class: "no" }, line), make("code", null, content));
  return row;
};

const sourceRows = (lines, byLine) => {
  const rows = [];
  const isNear = (line) => {
    for (let at = line - WINDOW; at <= line + WINDOW; at++) if (byLine.has(at)) return true;
    return false;
  };
  const isLong = lines.length > MOST_LINES;
  let left = 0;
  lines.forEach((content, at) => {
    if (isLong && !isNear(at + 1)) {
      left++;
      return;
    }
    if (left) rows.push(make("p", { class: "note gap" }, `${count(left, "line")} left out`));
    left = 0;
    rows.push(sourceRow(at + 1, content, byLine.get(at + 1)));
  });
  return rows;
};

// Without the text of a file, what its bugs change is what is known of it.
const knownRows = (byLine) => [...byLine.keys()].sort((a, b) => a - b).flatMap((line) =>
  [sourceRow(line, functionName(functions[column.function[byLine.get(line)[0]]]), byLine.get(line)),
    bugsOfLine(byLine.get(line))]);

const showFile = (name) => {
  const file = fileOfName.get(name);
  if (file === undefined) {
    section("/source").replaceChildren(make("h2", { tabindex: "-1" }, "Source"),
      make("p", { class: "none" }, `No judged bug is in the file ${name}.`));
    return "Source";
  }
  const { root, path } = files[file];
  const bugs = bugsOfFile(file);
  const byLine = new Map();
  for (const bug of bugs) {
    const line = column.line[bug];
    if (!byLine.has(line)) byLine.set(line, []);
    byLine.get(line).push(bug);
  }
  const lines = index.sources[file] ? linesOf(file) : null;
  section("/source").replaceChildren(
    make("nav", { class: "pages", "aria-label": "Files" }, make("a", { href: "#/source" }, "All files"),
      make("a", { href: `#/bugs?file=${encodeURIComponent(path)}` }, `List its ${count(bugs.length, "bug")}`)),
    make("h2", { tabindex: "-1" }, path, make("span", { class: "sub" }, root)),
    rungBar(countsOf(bugs), path),
    make("p", { class: "note" }, lines ? "Choose a mark to see the bugs of its line."
      : "The text of this file is not part of the results. These are its bugs, line by line."),
    make("div", { class: "lines source", tabindex: "0", role: "region", "aria-label": path },
      lines ? sourceRows(lines, byLine) : knownRows(byLine)));
  return path;
};
