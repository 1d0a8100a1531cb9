// The page: what time it is, who is shown, and what the user does.

const SHADES = { light: { ink: "#222222", ground: "#ffffff", line: "#e3e3e3", heat: "44546a" },
  dark: { ink: "#e8e8e8", ground: "#15181c", line: "#343a42", heat: "b9c7dc" } };
const dark = matchMedia("(prefers-color-scheme: dark)");
const by = (id) => document.getElementById(id);

class Replay {
  constructor({ head, columns }) {
    this.head = head;
    this.columns = columns;
    this.tapes = [];
    this.hidden = new Set();
    this.layers = { depth: true, mid: true, quotes: true, fills: true };
    this.playing = 0;
    this.theme(dark.matches ? "dark" : "light");
    this.charts = new Charts(this);
    this.ladder = new Ladder(this);
    this.events = new Events(this);
    this.story = new Story(this);
    const asked = new URLSearchParams(location.hash.slice(1));
    const asset = head.assets.findIndex((each) => each.name === asked.get("asset"));
    this.choices(Math.max(asset, 0));
    this.choose(Math.max(asset, 0), asked.has("t") ? Number(asked.get("t")) * 1e9 : NaN);
    this.listen();
  }

  get narrow() { return innerWidth < 640; }
  shows(who) { return !this.hidden.has(who); }
  theme(name) { this.style = { theme: name, ...SHADES[name] }; }

  choose(asset, now) {
    this.tape = this.tapes[asset] ||= new Tape(this.columns, this.head.assets[asset], this.head, asset);
    this.asset = asset;
    this.words = new Words(this.tape, this.head);
    this.rows = this.tape.about.opening;
    this.now = this.tape.start;
    this.legend();
    this.charts.make();
    const middle = this.tape.start + 0.5 * (this.tape.end - this.tape.start);
    const then = Number.isFinite(now) ? Math.min(Math.max(now, this.tape.start), this.tape.end) : middle;
    this.go(this.rowsAt(then), then);
  }

  rowsAt(now) { return Math.max(upTo(this.tape.time, now), this.tape.about.opening); }

  // The book after so many rows, at the time of the last of them or at a later one.
  go(rows, now = NaN) {
    const { tape } = this;
    this.rows = Math.min(Math.max(rows, tape.about.opening), tape.rows);
    const last = this.rows > tape.about.opening ? tape.time[this.rows - 1] : tape.start;
    this.now = Number.isNaN(now) ? last : Math.min(now, tape.end);
    tape.seek(this.rows);
    this.charts.follow();
    this.ladder.show();
    this.events.show();
    const words = `${(this.now / 1e9).toFixed(6)} s`;
    by("time").textContent = words;
    const slider = by("slider"), span = tape.end - tape.start;
    slider.value = 1e4 * (this.now - tape.start) / span;
    slider.setAttribute("aria-valuetext", words);
    for (const [who, place] of this.inventories) {
      place.textContent = held(tape.accounts[who].heldAt(this.now));
    }
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), 300);
  }

  save() {
    const { assets } = this.head, name = encodeURIComponent(assets[this.asset].name);
    const asset = assets.length > 1 ? `&asset=${name}` : "";
    history.replaceState(null, "", `#t=${(this.now / 1e9).toFixed(9)}${asset}`);
  }

  nextFill(way) {
    const { fillRows } = this.tape, known = upTo(fillRows, this.rows - 1);
    const fill = way > 0 ? known : known - (fillRows[known - 1] === this.rows - 1 ? 2 : 1);
    if (fill >= 0 && fill < fillRows.length) this.go(fillRows[fill] + 1);
  }

  tell(fill) {
    this.stop();
    this.go(this.tape.fillRows[fill] + 1);
    this.story.show(fill);
  }

  play() {
    if (this.playing) return this.stop();
    if (this.now >= this.tape.end) this.go(0);
    by("play").textContent = "❚❚ pause";
    by("play").setAttribute("aria-label", "pause");
    let before = performance.now();
    const frame = (at) => {
      const span = by("speed").value === "1" ? 1e9 : (this.tape.end - this.tape.start) / by("speed").value;
      const now = this.now + Math.max(at - before, 0) / 1000 * span;
      before = at;
      this.go(this.rowsAt(Math.min(now, this.tape.end)), now);
      if (now >= this.tape.end) this.stop(); else this.playing = requestAnimationFrame(frame);
    };
    this.playing = requestAnimationFrame(frame);
    return undefined;
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    by("play").textContent = "▶ play";
    by("play").setAttribute("aria-label", "play");
  }

  choices(chosen) {
    const select = by("asset");
    this.head.assets.forEach((asset, i) => {
      const option = element("option", asset.name);
      option.value = i;
      select.append(option);
    });
    select.value = chosen;
    by("assets").hidden = this.head.assets.length < 2;
    select.addEventListener("change", () => { this.stop(); this.choose(Number(select.value), this.now); });
  }

  legend() {
    const place = by("legend"), made = [];
    this.inventories = [];
    this.head.accounts.forEach((name, who) => {
      const { held: path, quotes, first } = this.tape.accounts[who];
      const active = path.time.length || quotes[1].time.length || quotes[-1].time.length || first;
      if (!who || !active) return;
      const inventory = element("output");
      inventory.title = "inventory at this time";
      this.inventories.push([who, inventory]);
      const { colour } = look(who, this.style.theme);
      made.push(this.toggle(name, !this.hidden.has(who), colour, inventory, (on) => {
        if (on) this.hidden.delete(who); else this.hidden.add(who);
        const { from, to } = this.charts.view;
        this.charts.fit(from, to);
      }));
    });
    for (const layer of Object.keys(this.layers)) {
      const shade = layer === "depth" ? element("output") : null;
      if (shade) this.shading = shade;
      made.push(this.toggle(layer, this.layers[layer], null, shade, (on) => {
        this.layers[layer] = on;
        this.charts.redraw();
      }));
    }
    place.replaceChildren(...made);
  }

  toggle(name, on, colour, more, changed) {
    const label = element("label"), box = element("input");
    box.type = "checkbox";
    box.checked = on;
    box.addEventListener("change", () => changed(box.checked));
    label.append(box);
    label.className = colour ? "of" : "layer";
    if (colour) {
      const swatch = element("i");
      swatch.style.background = colour;
      label.append(swatch);
    }
    label.append(element("span", name));
    if (more) label.append(more);
    return label;
  }

  shade(most) {
    const darkest = lots(Number(most.toPrecision(2)));
    this.shading.textContent = most ? `darkest: ${darkest} or more` : "nothing rests";
  }

  pointed(u, id) {
    const { left, top } = u.cursor;
    if (left < 0 || !this.words || !u.over.matches(":hover")) return;
    const value = u.posToVal(top, "y"), shown = id === "prices" ? this.words.price(value) : value.toFixed(1);
    by("pointer").textContent = `${u.posToVal(left, "x").toPrecision(7)} s, ${shown}`;
  }

  listen() {
    const press = {
      first: () => this.go(0), last: () => this.go(this.tape.rows, this.tape.end),
      back: () => this.go(this.rows - 1), next: () => this.go(this.rows + 1),
      "fill-back": () => this.nextFill(-1), "fill-next": () => this.nextFill(1),
    };
    for (const [id, act] of Object.entries(press)) {
      by(id).addEventListener("click", () => { this.stop(); act(); });
    }
    by("play").addEventListener("click", () => this.play());
    by("in").addEventListener("click", () => this.charts.zoom(0.5));
    by("out").addEventListener("click", () => this.charts.zoom(2));
    by("all").addEventListener("click", () => this.charts.fit(this.tape.start, this.tape.end));
    by("slider").addEventListener("input", () => {
      this.stop();
      const now = this.tape.start + by("slider").value / 1e4 * (this.tape.end - this.tape.start);
      this.go(this.rowsAt(now), now);
    });
    const keys = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last", "+": "in",
      "-": "out", "0": "all" };
    const shifted = { ArrowLeft: "fill-back", ArrowRight: "fill-next" };
    addEventListener("keydown", (event) => {
      const { key, shiftKey, target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || target.tagName === "SELECT") return;
      const presses = ["BUTTON", "INPUT"].includes(target.tagName) && target.type !== "range";
      const played = presses ? "" : "play"; // a space is the button's that has the focus
      const id = key === " " ? played : (shiftKey && shifted[key]) || keys[key];
      if (!id) return;
      event.preventDefault();
      by(id).click();
    });
    let asked = 0;
    addEventListener("resize", () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => { this.charts.resize(); this.ladder.show(); this.events.show(); });
    });
    const painted = (theme) => {
      const { from, to } = this.charts.view;
      this.theme(theme);
      this.legend();
      this.charts.make();
      this.charts.fit(from, to);
      this.go(this.rows, this.now);
    };
    dark.addEventListener("change", () => painted(dark.matches ? "dark" : "light"));
    addEventListener("beforeprint", () => painted("light"));
    addEventListener("afterprint", () => painted(dark.matches ? "dark" : "light"));
    addEventListener("hashchange", () => {
      const now = Number(new URLSearchParams(location.hash.slice(1)).get("t")) * 1e9;
      if (Math.abs(now - this.now) > 1) this.go(this.rowsAt(now), now);
    });
  }
}

unpack("data").then((told) => {
  document.replay = new Replay(told);
  document.documentElement.dataset.drawn = performance.now().toFixed(1);
}).catch((error) => {
  by("failed").hidden = false;
  by("failed").textContent = typeof DecompressionStream === "undefined"
    ? "This page needs a browser of 2023 or later." : `This page could not be read: ${error}`;
  throw error;
});
