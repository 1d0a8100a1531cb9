// The two charts, prices and inventories, over one span of time with linked cursors.

class Charts {
  constructor(app) {
    this.app = app;
    this.made = [];
    this.heat = null;
    this.gutter = 60;
  }

  get tape() { return this.app.tape; }

  make() {
    for (const { u } of this.made) u.destroy();
    const price = (value, step) => this.app.words.price(value, step);
    this.made = [
      this.chart("prices", 0.44, (u) => this.paintPrices(u), price),
      this.chart("inventories", 0.2, (u) => this.paintInventories(u), held),
    ];
    this.fit(this.tape.start, this.tape.end);
  }

  chart(id, share, paint, label) {
    const place = document.getElementById(id), style = this.app.style;
    const seconds = (_, splits) => splits.map((each) => `${+each.toPrecision(12)} s`);
    const whole = (_, splits, __, ___, step) => splits.map((each) => label(each, step));
    const axis = { stroke: style.ink, grid: { stroke: style.line, width: 1 },
      ticks: { stroke: style.line, width: 1 }, font: "12px system-ui, sans-serif" };
    const u = new uPlot({
      ...this.size(place, share),
      scales: { x: { time: false, auto: false, min: 0, max: 1 }, y: { auto: false, min: 0, max: 1 } },
      axes: [
        { ...axis, size: 32, space: this.app.narrow ? 70 : 95, values: seconds },
        { ...axis, values: whole, size: () => this.gutter, incrs: steps125() },
      ],
      series: [{}, { scale: "y" }],
      legend: { show: false },
      cursor: {
        sync: { key: "run", scales: ["x", null] },
        drag: { x: true, y: id === "prices", uni: 24, setScale: false },
        points: { show: false },
        bind: { dblclick: () => () => { this.fit(this.tape.start, this.tape.end); return null; } },
      },
      padding: [8, 22, 0, 0],
      hooks: {
        draw: [paint],
        setSelect: [(me) => this.selected(me, id)],
        setCursor: [(me) => this.app.pointed(me, id)],
      },
    }, [[0, 1], [null, null]], place);
    const head = document.createElement("div");
    head.className = "head";
    u.over.append(head);
    let down = null;
    u.over.addEventListener("pointerdown", (event) => {
      down = [event.clientX, event.clientY];
      this.held = id; // the other chart, which follows it, is told of the same selection
    });
    u.over.addEventListener("pointerup", (event) => {
      if (!down || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 5) return;
      const box = u.over.getBoundingClientRect();
      this.clicked(u, id, event.clientX - box.left, event.clientY - box.top);
    });
    return { id, u, head, share, place };
  }

  size(place, share) {
    const height = Math.max(Math.min(share * innerHeight, share * 1200), share > 0.3 ? 260 : 130);
    return { width: Math.max(place.clientWidth, 200), height: Math.round(height) };
  }

  resize() {
    for (const { u, place, share } of this.made) u.setSize(this.size(place, share));
    this.place();
  }

  // Show a span of time, in ns, with the prices that matter in it, or with these.
  fit(from, to, prices = null) {
    const all = this.tape.end - this.tape.start, least = Math.min(all, 100);
    const wide = Math.max(Math.min(to - from, all), least);
    const begin = Math.max(Math.min(from, this.tape.end - wide), this.tape.start);
    this.view = { from: begin, to: begin + wide, chosen: prices !== null };
    this.heat = null;
    const ends = prices || this.range(this.prices());
    const longest = Math.max(...ends.map((end) => this.app.words.price(end).length), 4);
    this.gutter = 16 + 7.5 * longest; // of both charts, so that one time is at one place
    this.scale(0, ends);
    this.scale(1, this.range(this.inventories()));
    this.place();
  }

  scale(number, [low, high]) {
    const { u } = this.made[number];
    u.batch(() => {
      u.setScale("x", { min: this.view.from / 1e9, max: this.view.to / 1e9 });
      u.setScale("y", { min: low, max: high });
    });
  }

  // Mids, best quotes and fills in view, without the outermost of the quotes.
  prices() {
    const { mids, accounts, tables, fillRows, time } = this.tape, found = [], { from, to } = this.view;
    const add = (path, least) => {
      const first = Math.max(upTo(path.time.values, from, path.time.length) - 1, 0);
      const last = upTo(path.time.values, to, path.time.length);
      const step = Math.max(Math.floor((last - first) / 4000), 1), own = [];
      for (let i = first; i < last; i += step) {
        if (!Number.isNaN(path.value.values[i])) own.push(path.value.values[i]);
      }
      own.sort((a, b) => a - b);
      const cut = Math.floor(least * own.length);
      if (own.length) found.push(own[cut], own[own.length - 1 - cut]);
    };
    add(mids, 0.002);
    for (const account of accounts.slice(1)) {
      for (const side of [1, -1]) add(account.quotes[side], 0.02);
    }
    const own = [];
    for (let i = upTo(time, from - 1), n = 0; n < fillRows.length; n++) {
      if (fillRows[n] >= i && time[fillRows[n]] <= to) own.push(tables[FILL].price[n]);
    }
    own.sort((a, b) => a - b);
    const cut = Math.floor(0.005 * own.length);
    if (own.length) found.push(own[cut], own[own.length - 1 - cut]);
    return found;
  }

  inventories() {
    const found = [0], { from, to } = this.view;
    this.tape.accounts.forEach((account, who) => {
      if (!who || !this.app.shows(who)) return;
      found.push(account.heldAt(from));
      const { time, value } = account.held;
      for (let i = upTo(time.values, from, time.length); i < time.length && time.values[i] <= to; i++) {
        found.push(value.values[i]);
      }
    });
    return found;
  }

  range(values) { // never empty
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    if (low > high) { low = 0; high = 1; }
    const room = Math.max(0.07 * (high - low), 1, 1e-9 * Math.abs(high));
    return [low - room, high + room];
  }

  zoom(factor) {
    const { from, to } = this.view, now = this.app.now;
    const centre = now >= from && now <= to ? now : (from + to) / 2, wide = (to - from) * factor;
    this.fit(centre - wide * (centre - from) / (to - from), centre + wide * (to - centre) / (to - from));
  }

  selected(u, id) {
    const { left, width, top, height } = u.select;
    if (width) u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width < 4 || id !== this.held) return;
    const from = u.posToVal(left, "x") * 1e9, to = u.posToVal(left + width, "x") * 1e9;
    const whole = id !== "prices" || height >= u.over.clientHeight - 1 || height < 4;
    this.fit(from, to, whole ? null : [u.posToVal(top + height, "y"), u.posToVal(top, "y")]);
  }

  clicked(u, id, left, top) {
    const now = u.posToVal(left, "x") * 1e9;
    const fill = id === "prices" ? this.near(u, left, top) : -1;
    if (fill >= 0) this.app.tell(fill); else this.app.go(this.app.rowsAt(now), now);
  }

  // The fill that is drawn there; -1 where there is none.
  near(u, left, top) {
    const { fillRows, time, tables } = this.tape, reach = 12;
    const low = u.posToVal(left - reach, "x") * 1e9, high = u.posToVal(left + reach, "x") * 1e9;
    let best = -1, least = reach;
    for (let i = upTo(fillRows, upTo(time, low) - 1); i < fillRows.length; i++) {
      const now = time[fillRows[i]], seen = [tables[FILL].maker[i], tables[FILL].taker[i]];
      if (now > high) break;
      if (!seen.some((who) => who && this.app.shows(who))) continue;
      const across = u.valToPos(now / 1e9, "x") - left;
      const distance = Math.hypot(across, u.valToPos(tables[FILL].price[i], "y") - top);
      if (distance < least) { best = i; least = distance; }
    }
    return best;
  }

  // Put the line of the time where it is, and the span where the line is.
  place() {
    const { from, to } = this.view, now = this.app.now;
    for (const { u, head } of this.made) {
      head.hidden = now < from || now > to;
      head.style.transform = `translateX(${u.valToPos(now / 1e9, "x")}px)`;
    }
  }

  follow() {
    const { from, to, chosen } = this.view, now = this.app.now, wide = to - from;
    if (now >= from && now <= to) return this.place();
    const prices = chosen ? [this.made[0].u.scales.y.min, this.made[0].u.scales.y.max] : null;
    return this.fit(now - 0.1 * wide, now + 0.9 * wide, prices);
  }

  redraw() {
    for (const { u } of this.made) u.redraw(false);
  }

  paintPrices(u) {
    const { tape, app } = this, style = app.style;
    clipped(u, (ctx) => {
      if (app.layers.depth) {
        this.heat = this.heat && this.heat.width === u.bbox.width ? this.heat : heatOf(u, tape);
        this.heat.width = u.bbox.width;
        if (this.heat.most) paintHeat(u, ctx, this.heat, style.heat);
        app.shade(this.heat.most);
      }
      const end = tape.end / 1e9;
      tape.accounts.forEach((account, who) => {
        if (!who || !app.layers.quotes || !app.shows(who)) return;
        for (const side of [1, -1]) {
          const { time, value } = account.quotes[side];
          paintSteps(u, ctx, time, value, null, end, { ...look(who, style.theme), width: 1.3 });
        }
      });
      const { time, value } = tape.mids;
      if (app.layers.mid) paintSteps(u, ctx, time, value, null, end, { colour: style.ink, width: 1 });
      if (app.layers.fills) {
        paintFills(u, ctx, tape, (who) => app.shows(who), style.theme, style.ground);
      }
    });
  }

  paintInventories(u) {
    const { tape, app } = this, style = app.style;
    clipped(u, (ctx) => {
      tape.accounts.forEach((account, who) => {
        if (!who || !app.shows(who)) return;
        const { time, value } = account.held, first = account.heldAt(this.view.from);
        const line = { ...look(who, style.theme), width: 1.6 };
        paintSteps(u, ctx, time, value, first, tape.end / 1e9, line);
      });
    });
  }
}

function steps125() { // whole numbers: of ticks and of lots
  const found = [];
  for (let size = 1; size < 1e16; size *= 10) found.push(size, 2 * size, 5 * size);
  return found;
}
