// What the rows of the tape say.  Everything here becomes text, never markup.

function lots(count) {
  return count === 1 ? "1 lot" : `${count} lots`;
}

function held(count) {
  return count > 0 ? `+${count}` : `${count}`.replace("-", "−");
}

function lasting(nanos) {
  for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) {
    if (nanos >= size) return `${Number((nanos / size).toPrecision(3))} ${unit}`;
  }
  return `${nanos} ns`;
}

class Words {
  constructor(tape, head) {
    this.tape = tape;
    this.head = head;
  }

  price(ticks, step = 1) { // of steps of so many ticks, no more digits than tell them apart
    const { tick, digits } = this.tape.about;
    return (ticks * tick).toFixed(Math.max(digits - Math.floor(Math.log10(step) + 1e-9), 0));
  }

  mid(ticks) {
    const { tick, digits } = this.tape.about;
    return (ticks * tick).toFixed(digits + 1);
  }

  time(now) {
    return `${(now / 1e9).toFixed(6)} s`;
  }

  who(account) {
    return account ? this.head.accounts[account] : "someone outside";
  }

  row(row) {
    const kind = this.tape.kind[row], i = this.tape.at[row], table = this.tape.tables[kind];
    const texts = this.tape.about.texts;
    switch (kind) {
      case BOOK: return this.change(row, table, i);
      case FILL: return this.fill(table, i);
      case MID: return `mid ${this.mid(table.mid[i] / this.tape.about.milli)} (${texts[table.code[i]]})`;
      case CAME: return this.came(table, i, texts[table.code[i]]);
      case REFUSED:
        return `${this.who(table.who[i])}: ${texts[table.code[i]]} refused (${texts[table.why[i]]})`;
      default: return texts[table.code[i]];
    }
  }

  change(row, table, i) {
    const order = table.order[i], open = table.open[i];
    const name = this.who(this.tape.orders.who[order]);
    const noun = this.tape.orders.side[order] > 0 ? "bid" : "offer", at = this.price(table.price[i]);
    if (!open) return `${name} withdraws its ${noun} at ${at}`;
    if (!table.placed[i]) return `${name} keeps its place at ${at} with ${lots(open)}`;
    return `${name}: ${noun}, ${lots(open)} at ${at}`;
  }

  came(table, i, kind) {
    const verb = table.side[i] > 0 ? "buys" : "sells", name = this.who(table.who[i]);
    if (kind === "close") return `${name} ${verb} ${lots(table.size[i])}: its inventory is closed`;
    const limit = table.price[i]
      ? `at ${this.price(table.price[i])} or ${table.side[i] > 0 ? "less" : "more"}`
      : "at any price";
    const met = table.filled[i] ? `${table.filled[i]} traded` : "meets nothing";
    return `${name} ${verb} ${lots(table.size[i])} ${limit}: ${met}`;
  }

  fill(table, i) {
    const buys = table.side[i] > 0, taker = this.who(table.taker[i]);
    const from = buys ? "from" : "to";
    return `fill ${table.number[i]}: ${taker} ${buys ? "buys" : "sells"} ${lots(table.size[i])} at ` +
      `${this.price(table.price[i])} ${from} ${this.who(table.maker[i])}`;
  }

  // A fill whose story the page does not hold.
  shortStory(table, i, number) {
    const maker = number === table.number[i];
    const sign = maker ? -table.side[i] : table.side[i];
    const mid = this.mid(table.mid[i] / this.tape.about.milli);
    const lines = [`${this.fill(table, i)}; the mid is ${mid}`];
    if (maker && table.order[i] >= 0) {
      const ahead = table.ahead[i] ? `${lots(table.ahead[i])} ahead of it` : "first in the queue";
      lines.push(`the order had been in its place for ${lasting(table.age[i])}, at first ${ahead}`);
    }
    const after = maker ? table.held[i] : table.taker_held[i];
    const name = this.who(maker ? table.maker[i] : table.taker[i]);
    const before = table.maker[i] === table.taker[i] ? after : after - sign * table.size[i];
    lines.push(`${name} held ${held(before)} and now holds ${held(after)}`);
    return [...lines.map((what) => [this.tape.time[this.tape.fillRows[i]] / 1e9, what]),
      [null, `the whole story: lobsim explain ${this.head.run} --fill ${number}`]];
  }
}
