"use strict";
// Draws the pictures of a page, which are JSON in it, in the colours of screen or paper.
(() => {
  const LIGHT = { ground: "#ffffff", ink: "#222222", grid: "#e3e3e3", zero: "#999999" };
  const DARK = { ground: "#15181c", ink: "#e8e8e8", grid: "#343a42", zero: "#7b8490" };
  const BLACK = "#000000"; // stands for ink, which black cannot be on a dark ground
  const PAPER = 690; // pixels across
  const CONFIG = {
    displaylogo: false, responsive: true,
    modeBarButtons: [["toImage", "resetScale2d"]], // another would send data away
  };
  const FIXED = { color: true, fillcolor: true };
  const text = document.getElementById("pictures").textContent;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function axis(own, theme) {
    return {
      gridcolor: theme.grid, zerolinecolor: theme.zero, linecolor: theme.zero, automargin: true,
      exponentformat: "power", ...own,
    };
  }

  function layoutOf(own, theme, width) {
    const narrow = (width || window.innerWidth) < 640;
    const layout = {
      paper_bgcolor: theme.ground, plot_bgcolor: theme.ground, hovermode: "closest",
      font: { family: "system-ui, sans-serif", size: narrow ? 12 : 13, color: theme.ink },
      margin: { l: narrow ? 44 : 60, r: 10, t: 34, b: 50 }, showlegend: true,
      legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom" },
      ...own,
    };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(key)) layout[key] = axis(layout[key], theme);
    }
    for (const menu of layout.updatemenus || []) {
      Object.assign(menu, { bgcolor: theme.ground, bordercolor: theme.zero });
    }
    if (width) Object.assign(layout, { width, autosize: false });
    return layout;
  }

  function draw(theme, width) {
    const inked = (key, value) => (FIXED[key] && value === BLACK ? theme.ink : value);
    JSON.parse(text, inked).forEach((picture, i) => {
      const layout = layoutOf(picture.layout, theme, width);
      Plotly.react(document.getElementById(`picture-${i}`), picture.data, layout, CONFIG);
    });
  }

  const onScreen = () => draw(dark.matches ? DARK : LIGHT);
  dark.addEventListener("change", onScreen);
  window.addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    draw(LIGHT, PAPER);
  });
  window.addEventListener("afterprint", onScreen);
  onScreen();
})();
