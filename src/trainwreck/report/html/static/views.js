// Shows the view that the address names.

const root = document.documentElement;
const places = new Map();
let isClicked = false;
let address = null;

const viewOf = (hash) => {
  const [path, query = ""] = [hash.split("?")[0], hash.slice(hash.indexOf("?") + 1)];
  if (path === "/bugs") {
    filters = filtersOf(hash.includes("?") ? query : "");
    showList();
    return ["/bugs", "All bugs"];
  }
  if (path.startsWith("/bug/")) return ["/bug", showBug(decoded(path.slice(5)))];
  if (path.startsWith("/source/")) return ["/source", showFile(decoded(path.slice(8)))];
  if (path === "/source") return ["/source", showFiles()];
  if (path === "/stryker" && section(path)) return [path, showStryker()];
  const known = section(path);
  const id = known?.classList.contains("view") && path !== "/bug" ? path : "/";
  return [id, section(id).querySelector("h2").textContent];
};

const show = () => {
  const hash = location.hash.slice(1);
  if (hash && !hash.startsWith("/")) return;
  const before = address;
  address = hash || "/";
  // The view must be there before curves ask for its width.
  const target = address.split("?")[0].split("/")[1] || "";
  for (const view of document.querySelectorAll(".view"))
    view.classList.toggle("shown", view.id === `/${target}`);
  const [id, title] = viewOf(address);
  for (const view of document.querySelectorAll(".view")) view.classList.toggle("shown", view.id === id);
  for (const link of document.querySelectorAll("header nav a")) {
    const isHere = link.getAttribute("href") === `#${id}` || (id === "/bug" && link.getAttribute("href") === "#/bugs");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${title} - ${text(index.name)} - trainwreck`;
  const isSameList = before?.startsWith("/bugs") && address.startsWith("/bugs");
  const samePage = isSameList && filtersOf(before.split("?")[1] || "").page === filters.page;
  if (before === null) window.scrollTo(0, 0);
  else if (!samePage) {
    section(id).querySelector("h2").focus({ preventScroll: true });
    window.scrollTo(0, isClicked ? 0 : places.get(address) || 0);
  }
  isClicked = false;
};

// Light, dark, or as the system has it.
const THEMES = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };
const themeButton = () => {
  let theme = "auto";
  try {
    theme = localStorage.getItem("trainwreck-theme") || "auto";
  } catch { /* A file may have no storage. */ }
  const button = make("button", { type: "button", class: "theme" });
  const set = () => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = THEMES[theme];
  };
  button.addEventListener("click", () => {
    const all = Object.keys(THEMES);
    theme = all[(all.indexOf(theme) + 1) % all.length];
    try {
      localStorage.setItem("trainwreck-theme", theme);
    } catch { /* The choice then lasts as long as the page. */ }
    set();
    startCharts();
    tellViewer();
  });
  if (!(theme in THEMES)) theme = "auto";
  set();
  return button;
};

history.scrollRestoration = "manual";
document.addEventListener("click", (event) => {
  if (event.target.closest?.("a")) isClicked = true;
}, true);
window.addEventListener("scroll", () => places.set(address, window.scrollY), { passive: true });
window.addEventListener("hashchange", show);
// Paper has no folds, and curves are drawn in the colours of a light page.
let afterPrint = () => {};
window.addEventListener("beforeprint", () => {
  const folds = [...document.querySelectorAll("#\\/tables details:not([open])")];
  const { theme } = root.dataset;
  for (const fold of folds) fold.open = true;
  root.dataset.theme = "light";
  startCharts();
  afterPrint = () => {
    for (const fold of folds) fold.open = false;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    startCharts();
  };
});
window.addEventListener("afterprint", () => afterPrint());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  startCharts();
  tellViewer();
});
for (const heading of document.querySelectorAll(".view > h2")) heading.tabIndex = -1;
document.querySelector("header .title").append(themeButton());
root.classList.add("scripted");
show();
// The browser itself goes to the element that the address names once the page is whole.
window.addEventListener("load", () => setTimeout(() => window.scrollTo(0, 0)));
root.dataset.ready = "true";
