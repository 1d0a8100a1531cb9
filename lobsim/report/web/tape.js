// The tape of one asset, and the book after any number of its rows.

const BOOK = 0, FILL = 1, MID = 2, CAME = 3, REFUSED = 4, TEXT = 5; // as in replay_rows.py
const KEYFRAME = 2048; // rows from one kept book to the next

class Growing { // numbers, more and more of them
  constructor() { this.values = new Float64Array(1024); this.length = 0; }
  push(value) {
    if (this.length === this.values.length) {
      const more = new Float64Array(2 * this.length);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.length++] = value;
  }
}

// How many of the first numbers, which rise, are not above a value.
function upTo(values, value, length = values.length) {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1; else high = middle;
  }
  return low;
}

class Tape {
  constructor(columns, about, head, number) {
    this.about = about;
    this.start = head.start;
    this.end = head.end;
    const column = (name) => columns[`${number}.${name}`];
    const table = (prefix, names) =>
      Object.fromEntries(names.map((name) => [name, column(`${prefix}.${name}`)]));
    this.kind = column("kind");
    this.time = column("time");
    this.orders = table("order", ["id", "who", "side"]);
    this.tables = [
      table("book", ["order", "price", "open", "placed"]),
      table("fill", ["number", "order", "maker", "taker", "side", "price", "size", "mid", "held",
        "taker_held", "ahead", "age"]),
      table("mid", ["mid", "code"]),
      table("came", ["who", "side", "price", "size", "filled", "code"]),
      table("refused", ["who", "code", "why"]),
      table("text", ["code"]),
    ];
    this.rows = this.kind.length;
    this.at = new Uint32Array(this.rows); // the place of each row in the table of its kind
    const seen = [0, 0, 0, 0, 0, 0];
    for (let row = 0; row < this.rows; row++) this.at[row] = seen[this.kind[row]]++;
    this.fillRows = new Float64Array(seen[FILL]);
    for (let row = 0, i = 0; row < this.rows; row++) {
      if (this.kind[row] === FILL) this.fillRows[i++] = row;
    }
    const count = this.orders.id.length;
    this.price = new Float64Array(count);
    this.open = new Float64Array(count);
    this.place = new Float64Array(count);
    this.live = new Set();
    this.applied = 0;
    this.keyframes = [];
    this.accounts = head.accounts.map((_, who) => new Path(about.held[who]));
    this.mids = { time: new Growing(), value: new Growing() };
    this.pieces = { order: new Growing(), price: new Growing(), open: new Growing(),
      from: new Growing(), to: new Growing() };
    this.playThrough();
  }

  // The one pass in which all that the charts draw is found.
  playThrough() {
    const since = new Float64Array(this.open.length), pieces = this.pieces;
    const ended = (order, now) => {
      if (this.open[order] > 0 && now > since[order]) {
        pieces.order.push(order);
        pieces.price.push(this.price[order]);
        pieces.open.push(this.open[order]);
        pieces.from.push(since[order]);
        pieces.to.push(now);
      }
      since[order] = now;
    };
    const fills = this.tables[FILL], mids = this.tables[MID], milli = this.about.milli;
    this.middle(this.start, this.about.mid);
    for (let row = 0; row < this.rows; row++) {
      if (row % KEYFRAME === 0) this.keyframes.push(this.kept());
      const kind = this.kind[row], i = this.at[row], now = this.time[row];
      const order = kind === BOOK ? this.tables[BOOK].order[i] : kind === FILL ? fills.order[i] : -1;
      if (order >= 0) ended(order, now);
      this.apply(row);
      if (order >= 0) {
        const account = this.accounts[this.orders.who[order]];
        account.quoted(this, order, now);
      }
      if (kind === MID) this.middle(now, mids.mid[i] / milli);
      if (kind === FILL) {
        if (!mids.mid.length) this.middle(now, fills.mid[i] / milli);
        this.accounts[fills.maker[i]].holds(now, fills.held[i]);
        this.accounts[fills.taker[i]].holds(now, fills.taker_held[i]);
      }
    }
    for (const order of this.live) ended(order, this.end);
  }

  middle(now, mid) {
    this.mids.time.push(now);
    this.mids.value.push(mid);
  }

  midAt(now) {
    return this.mids.value.values[Math.max(upTo(this.mids.time.values, now, this.mids.time.length), 1) - 1];
  }

  apply(row) {
    const i = this.at[row];
    if (this.kind[row] === BOOK) {
      const table = this.tables[BOOK], order = table.order[i];
      this.price[order] = table.price[i];
      this.leave(order, table.open[i]);
      if (table.open[i] > 0) this.live.add(order);
      if (table.placed[i]) this.place[order] = row;
    } else if (this.kind[row] === FILL) {
      const order = this.tables[FILL].order[i];
      // Of a thinned tape an order may have gone, or have come, without its rows.
      if (order >= 0 && this.live.has(order)) {
        this.leave(order, Math.max(this.open[order] - this.tables[FILL].size[i], 0));
      }
    }
    this.applied = row + 1;
  }

  leave(order, open) {
    this.open[order] = open;
    if (open <= 0) this.live.delete(order);
  }

  kept() {
    const kept = new Float64Array(4 * this.live.size);
    let i = 0;
    for (const order of this.live) {
      kept.set([order, this.price[order], this.open[order], this.place[order]], 4 * i++);
    }
    return kept;
  }

  // Make the book what it is after so many rows.
  seek(rows) {
    if (rows < this.applied || rows > this.applied + KEYFRAME) {
      const frame = Math.min(Math.floor(rows / KEYFRAME), this.keyframes.length - 1);
      for (const order of this.live) this.open[order] = 0;
      this.live.clear();
      const kept = this.keyframes[frame] || [];
      for (let i = 0; i < kept.length; i += 4) {
        const order = kept[i];
        this.live.add(order);
        [this.price[order], this.open[order], this.place[order]] = kept.subarray(i + 1, i + 4);
      }
      this.applied = Math.max(frame, 0) * KEYFRAME;
    }
    while (this.applied < rows) this.apply(this.applied);
  }

  // The levels of a side, best first: price, lots, and its orders in queue order.
  levels(side) {
    const levels = new Map();
    for (const order of this.live) {
      if (this.orders.side[order] !== side) continue;
      const price = this.price[order];
      if (!levels.has(price)) levels.set(price, { price, lots: 0, queue: [] });
      const level = levels.get(price);
      level.lots += this.open[order];
      level.queue.push(order);
    }
    const sorted = [...levels.values()].sort((a, b) => side * (b.price - a.price));
    for (const level of sorted) level.queue.sort((a, b) => this.place[a] - this.place[b]);
    return sorted;
  }
}

class Path { // one account over time: best own quotes, and inventory
  constructor(held) {
    this.own = { 1: new Set(), "-1": new Set() };
    this.quotes = { 1: steps(), "-1": steps() };
    this.held = steps();
    this.first = held;
  }

  quoted(tape, order, now) {
    const side = tape.orders.side[order], own = this.own[side], path = this.quotes[side];
    if (tape.live.has(order)) own.add(order); else own.delete(order);
    let best = NaN;
    for (const each of own) {
      const price = tape.price[each];
      if (!(side > 0 ? price <= best : price >= best)) best = price;
    }
    const { values, length } = path.value;
    if (!Object.is(length ? values[length - 1] : NaN, best)) {
      path.time.push(now);
      path.value.push(best);
    }
  }

  holds(now, lots) {
    this.held.time.push(now);
    this.held.value.push(lots);
  }

  heldAt(now) {
    const rows = upTo(this.held.time.values, now, this.held.time.length);
    return rows ? this.held.value.values[rows - 1] : this.first;
  }
}

function steps() {
  return { time: new Growing(), value: new Growing() };
}
