// What is drawn on the charts.  `u` is the uPlot; everything is clipped to its plot.

const COLOURS = { // of Okabe and Ito: all eyes can tell them apart
  light: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B87700", "#000000"],
  dark: ["#4AA8E0", "#F0803C", "#2DBE96", "#DE9CC0", "#A5D8F6", "#E69F00", "#F2F2F2"],
};
const DASHES = [[], [6, 3], [2, 3]]; // where there are more strategies than colours
const SMALLEST_ROW = 3, MARK = 5.5; // pixels: of a band of the heat map, and of a fill

function look(account, theme) {
  const colours = COLOURS[theme];
  return {
    colour: colours[(account - 1) % colours.length],
    dash: DASHES[Math.floor((account - 1) / colours.length) % DASHES.length],
  };
}

function clipped(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx, bbox);
  ctx.restore();
}

// A stepped line; what is finer than a pixel becomes the range that it had there.
function paintSteps(u, ctx, time, value, first, until, style) {
  const { min, max } = u.scales.x;
  const x = (seconds) => u.valToPos(Math.min(Math.max(seconds, min), max), "x", true);
  const y = (number) => u.valToPos(number, "y", true);
  const from = Math.max(upTo(time.values, min * 1e9, time.length) - 1, 0);
  let pen = NaN, low = 0, high = 0, at = -1;
  const flush = () => {
    if (high - low > 1) { ctx.moveTo(at, low); ctx.lineTo(at, high); }
    low = high = pen;
  };
  const step = (seconds, number) => {
    const across = x(seconds), next = number === null ? NaN : y(number);
    if (across - at >= 1) {
      flush();
      if (!Number.isNaN(pen)) { ctx.moveTo(at, pen); ctx.lineTo(across, pen); }
      at = across;
      low = high = pen;
    }
    if (!Number.isNaN(next)) {
      low = Number.isNaN(low) || Number.isNaN(pen) ? next : Math.min(low, next);
      high = Number.isNaN(high) || Number.isNaN(pen) ? next : Math.max(high, next);
    }
    pen = next;
  };
  ctx.beginPath();
  ctx.strokeStyle = style.colour;
  ctx.lineWidth = style.width * devicePixelRatio;
  ctx.setLineDash((style.dash || []).map((each) => each * devicePixelRatio));
  step(min, first);
  for (let i = from; i < time.length && time.values[i] <= max * 1e9; i++) {
    const number = value.values[i];
    step(time.values[i] / 1e9, Number.isNaN(number) ? null : number);
  }
  step(Math.min(max, until), null);
  flush();
  ctx.stroke();
  ctx.setLineDash([]);
}

// Lots resting in each band of prices and each column of pixels, by the time that they rest.
function heatOf(u, tape) {
  const { bbox } = u, { min, max } = u.scales.x, low = u.scales.y.min, high = u.scales.y.max;
  const columns = Math.max(Math.round(bbox.width / devicePixelRatio), 1);
  const most = Math.max(Math.floor(bbox.height / devicePixelRatio / SMALLEST_ROW), 1);
  const band = Math.max(Math.ceil((high - low) / most), 1), bottom = Math.floor(low / band) * band;
  const rows = Math.max(Math.ceil((high - bottom) / band), 1);
  const lots = new Float32Array(rows * columns);
  const { price, open, from, to } = tape.pieces, wide = (max - min) * 1e9 / columns;
  for (let i = 0; i < price.length; i++) {
    const row = Math.floor((price.values[i] - bottom) / band);
    if (row < 0 || row >= rows) continue;
    const begin = Math.max((from.values[i] - min * 1e9) / wide, 0);
    const end = Math.min((to.values[i] - min * 1e9) / wide, columns);
    for (let column = Math.floor(begin); column < end; column++) {
      const share = Math.min(end, column + 1) - Math.max(begin, column);
      lots[row * columns + column] += open.values[i] * share;
    }
  }
  return { lots, rows, columns, band, bottom, most: darkest(lots) };
}

function darkest(lots) { // one outlier is not to make all others pale
  const step = Math.max(Math.floor(lots.length / 20000), 1), some = [];
  for (let i = 0; i < lots.length; i += step) if (lots[i] > 0) some.push(lots[i]);
  some.sort((a, b) => a - b);
  return some.length ? some[Math.floor(0.98 * (some.length - 1))] : 0;
}

function paintHeat(u, ctx, heat, ink) {
  const picture = document.createElement("canvas");
  picture.width = heat.columns;
  picture.height = heat.rows;
  const image = new ImageData(heat.columns, heat.rows);
  const [red, green, blue] = ink.match(/\w\w/g).map((part) => parseInt(part, 16));
  for (let row = 0; row < heat.rows; row++) {
    for (let column = 0; column < heat.columns; column++) {
      const lots = heat.lots[row * heat.columns + column];
      if (!lots) continue;
      const pixel = 4 * ((heat.rows - 1 - row) * heat.columns + column);
      image.data.set([red, green, blue], pixel);
      image.data[pixel + 3] = 20 + 150 * Math.min(Math.sqrt(lots / heat.most), 1);
    }
  }
  picture.getContext("2d").putImageData(image, 0, 0);
  const top = u.valToPos(heat.bottom + heat.rows * heat.band - 0.5, "y", true);
  const bottom = u.valToPos(heat.bottom - 0.5, "y", true);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture, u.bbox.left, top, u.bbox.width, bottom - top);
}

// Triangles, up for who buys and down for who sells: filled for the maker, hollow for the taker.
function paintFills(u, ctx, tape, shown, theme, ground) {
  const fills = tape.tables[FILL], { min, max } = u.scales.x, drawn = new Set();
  const rows = tape.fillRows, first = upTo(rows, upTo(tape.time, min * 1e9 - 1) - 1);
  const crowded = upTo(rows, upTo(tape.time, max * 1e9) - 1) - first > u.width / 3;
  const size = (crowded ? 0.7 : 1) * MARK * devicePixelRatio;
  for (let i = first; i < rows.length && tape.time[rows[i]] <= max * 1e9; i++) {
    const x = u.valToPos(tape.time[rows[i]] / 1e9, "x", true);
    const y = u.valToPos(fills.price[i], "y", true);
    for (const [account, side, solid] of [
      [fills.maker[i], -fills.side[i], true], [fills.taker[i], fills.side[i], false],
    ]) {
      const key = `${account} ${side} ${Math.round(x / 2)} ${Math.round(y / 2)}`;
      if (!account || !shown(account) || drawn.has(key)) continue;
      drawn.add(key);
      const { colour } = look(account, theme), wide = solid ? size : 1.5 * size;
      ctx.beginPath();
      ctx.moveTo(x, y - side * wide);
      ctx.lineTo(x - wide, y + side * wide * 0.8);
      ctx.lineTo(x + wide, y + side * wide * 0.8);
      ctx.closePath();
      ctx.lineWidth = (solid ? 1.2 : 1.6) * devicePixelRatio;
      ctx.strokeStyle = solid ? ground : colour;
      ctx.fillStyle = colour;
      if (solid) ctx.fill();
      if (!solid || !crowded) ctx.stroke();
    }
  }
}
