"use strict";
// Runs in the frame of Stryker's viewer, and takes the report and the theme from the page around it.
const app = document.querySelector("mutation-test-report-app");
app.addEventListener("theme-changed", (event) => {
  document.body.style.background = event.detail.themeBackgroundColor;
});
addEventListener("message", async (event) => {
  if (event.source !== parent || !event.data.theme) return;
  document.documentElement.style.colorScheme = event.data.theme;
  Object.assign(app, event.data);
  await app.updateComplete;
  document.querySelector("p")?.remove();
});
