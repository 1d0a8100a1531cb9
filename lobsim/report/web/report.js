"use strict";
// Draws the pictures of a page, which are JSON in it, in the colours of screen or paper.
(() => {
  const LIGHT = {
    ground: "#ffffff", ink: "#222222", grid: "#e3e3e3", zero: "#999999",
    instead: { "#000000": "#222222" },
  };
  const DARK = {
    ground: "#15181c", ink: "#e8e8e8", grid: "#343a42", zero: "#7b8490",
    instead: { // of colours that cannot be seen on a dark ground
      "#000000": "#e8e8e8", "#0d0887": "#6f6be8", "#4b03a1": "#8a4fe0", "#7d03a8": "#a64fd0",
    },
  };
  const PAPER = 690; // pixels across
  const CONFIG = {
    displaylogo: false, responsive: true,
    modeBarButtons: [["toImage", "resetScale2d"]], // another would send data away
  };
  const COLOURS = { color: true, fillcolor: true };
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
    const seen = (key, value) => (COLOURS[key] && typeof value === "string"
      ? (theme.instead[value.slice(0, 7)] || value.slice(0, 7)) + value.slice(7) : value);
    JSON.parse(text, seen).forEach((picture, i) => {
      const layout = layoutOf(picture.layout, theme, width);
      Plotly.react(document.getElementById(`picture-${i}`), picture.data, layout, CONFIG);
    });
    document.documentElement.dataset.drawn = width ? "paper" : "screen";
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
