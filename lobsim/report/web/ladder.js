// The ladder, the rows around the time, and the story of a fill.

function element(tag, text = "", name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

class Ladder {
  constructor(app) {
    this.app = app;
    this.body = document.getElementById("ladder");
  }

  show() {
    const { tape, words, narrow } = this.app, most = narrow ? 6 : 9;
    const asks = tape.levels(-1), bids = tape.levels(1);
    const widest = Math.max(...asks.slice(0, most).map((level) => level.lots),
      ...bids.slice(0, most).map((level) => level.lots), 1);
    const rows = [
      ...this.rest(asks, most),
      ...asks.slice(0, most).reverse().map((level) => this.level(level, "ask", widest)),
      this.between(asks[0], bids[0], words),
      ...bids.slice(0, most).map((level) => this.level(level, "bid", widest)),
      ...this.rest(bids, most),
    ];
    this.body.replaceChildren(...rows);
  }

  level(level, side, widest) {
    const { tape, style, words, head } = this.app, row = element("tr", "", side);
    const count = element("td", `${level.lots}`, "lots");
    count.style.setProperty("--part", `${(100 * level.lots / widest).toFixed(1)}%`);
    const queue = element("td", "", "queue");
    for (const order of level.queue.slice(0, 12)) {
      const who = tape.orders.who[order], chip = element("span", "", "chip");
      chip.style.setProperty("--own", look(who, style.theme).colour);
      chip.append(element("b", head.accounts[who]), ` ${tape.open[order]}`);
      chip.title = `order ${tape.orders.id[order]}`;
      queue.append(chip);
    }
    if (level.queue.length > 12) queue.append(`and ${level.queue.length - 12} more`);
    row.append(element("td", words.price(level.price), "price"), count, queue);
    return row;
  }

  between(ask, bid, words) {
    const row = element("tr", "", "between"), { tape, now } = this.app;
    const spread = ask && bid ? ` · spread ${words.price(ask.price - bid.price)}` : "";
    const cell = element("td", `mid ${words.mid(tape.midAt(now))}${spread}`);
    cell.colSpan = 3;
    row.append(cell);
    return row;
  }

  rest(levels, most) {
    if (levels.length <= most) return [];
    const count = levels.slice(most).reduce((sum, level) => sum + level.lots, 0);
    const row = element("tr", "", "rest"), more = levels.length - most;
    const cell = element("td", `${more} more ${more === 1 ? "level" : "levels"}, ${lots(count)}`);
    cell.colSpan = 3;
    row.append(cell);
    return [row];
  }
}

class Events {
  constructor(app) {
    this.app = app;
    this.list = document.getElementById("events");
  }

  show() {
    const { tape, words, rows } = this.app, around = this.app.narrow ? 4 : 7, made = [];
    const first = Math.max(rows - 1 - around, tape.about.opening);
    for (let row = first; row < Math.min(rows + around, tape.rows); row++) {
      const line = element("li"), button = element("button");
      button.type = "button";
      button.append(element("time", words.time(tape.time[row])), ` ${words.row(row)}`);
      button.addEventListener("click", () => {
        if (tape.kind[row] === FILL) this.app.tell(tape.at[row]); else this.app.go(row + 1);
      });
      line.className = row === rows - 1 ? "now" : row >= rows ? "later" : "";
      if (tape.kind[row] === FILL) line.classList.add("fill");
      line.append(button);
      made.push(line);
    }
    if (!made.length) made.push(element("li", "nothing has happened yet"));
    this.list.replaceChildren(...made);
  }
}

class Story {
  constructor(app) {
    this.app = app;
    this.place = document.getElementById("story");
    this.known = null; // unpacked when it is first asked for
  }

  async show(fill) {
    this.known ||= unpack("stories").then(({ head }) => head.stories);
    const known = await this.known, { tape, words } = this.app;
    const table = tape.tables[FILL], number = table.number[fill], made = [];
    for (const [who, each] of [[table.maker[fill], number], [table.taker[fill], number + 1]]) {
      if (!who) continue;
      const list = element("ol"), told = known[each] || words.shortStory(table, fill, each);
      for (const [seconds, what] of told) {
        const line = element("li");
        if (seconds !== null) line.append(element("time", `${seconds.toFixed(6)} s`), " ");
        line.append(what);
        list.append(line);
      }
      made.push(element("h3", `Fill ${each}, of ${this.app.head.accounts[who]}`), list);
    }
    this.place.replaceChildren(...made);
  }
}
