// A plan: the program of its lines, the assumptions as they were sent and as they were changed.

/** `program` is the function that program.py writes, `sent` the data that assumed.py writes. */
class Plan {
  constructor(program, sent) {
    [this.program, this.sent, this.rows, this.assumed] = [program, sent, {}, {}];
    [this.given, this.levels, this.values] = [sent.values, {}, sent.values];
    for (const [name, input] of Object.entries(sent.inputs))
      this.assumed[name] = new Float64Array(input.of.length * (input.steady ? 1 : sent.months + 1));
    for (const [name, streams] of Object.entries(sent.luck))
      this.assumed[`luck_${name}`] = new Float64Array(streams.length * (sent.months + 1)).fill(NaN);
    this.base = program(sent.months, 1, this.assumed);
    this.names = Object.keys(this.base.lines);
  }

  /** Changes the first level of some assumptions, after other `values` replaced those sent; computes the base case. */
  change(levels, values = {}) {
    const {months, inputs} = this.sent,
      {given: sent, levels: old, values: before} = this,
      given = {...this.sent.values, ...values};
    [this.given, this.levels, this.values] = [given, {...levels}, {...given}];
    for (const [path, level] of Object.entries(levels))
      this.values[path] =
        given[path] === sent[path] && level === old[path]
          ? before[path]
          : moved(given[path], first_level(given[path], months), level);
    const same = path => this.rows[path] && this.values[path] === before[path];
    const rate_same = same("exchange_rate"),
      touched = new Set();
    for (const [path, one] of Object.entries(this.values)) {
      if (same(path) && (rate_same || !one.foreign)) continue;
      this.rows[path] = converted(one, in_base(one, months), this.rows.exchange_rate);
      touched.add(path);
    }
    const changed = new Set();
    for (const [name, {of, steady}] of Object.entries(inputs)) {
      const array = this.assumed[name];
      of.forEach((path, k) => {
        if (!touched.has(path)) return;
        changed.add(name);
        const rows = this.rows[path];
        if (steady) array[k] = rows[0];
        else for (let m = 0; m <= months; m++) array[m * of.length + k] = rows[Math.max(m - 1, 0)];
      });
    }
    this.base.run(this.readers ? this.moved_by(changed) : this.names);
    this.readers ??= readers(this.base, this.names);
    return this;
  }

  /** The lines that change with these assumptions, in the order in which they are computed. */
  moved_by(changed) {
    // A set gives what is added to it on the way, too.
    for (const name of changed) this.readers.get(name)?.forEach(line => changed.add(line));
    return this.names.filter(name => changed.has(name));
  }

  /** A number of a line or an assumption in a month counted from 0. */
  number(name, month, member = 0) {
    const input = this.sent.inputs[name],
      array = this.base.lines[name] ?? this.assumed[name];
    const steady = input ? input.steady : this.base.steady.has(name);
    return array[steady ? member : ((month + 1) * array.length) / (this.sent.months + 1) + member];
  }

  /** A line by month, summed over its members; zero where there are none. */
  total(name) {
    const rows = this.sent.months + 1,
      array = this.base.lines[name] ?? [],
      steady = this.base.steady.has(name);
    const count = steady ? array.length : array.length / rows;
    return Array.from({length: rows - 1}, (_, month) => total(count, k => array[steady ? k : (month + 1) * count + k]));
  }
}

/** The lines that read each line or assumption, by its name. */
const readers = (block, lines) => {
  const found = new Map();
  for (const line of lines)
    for (const name of block.reads(line)) found.set(name, (found.get(name) ?? new Set()).add(line));
  return found;
};

/** The first value of an assumption that is not zero, which a change of it changes. */
const first_level = (one, months) => in_base(one, months).find(value => value) ?? 0;

/** Rows of an amount in the second currency at the rate of their month, or of the first. */
const converted = (one, rows, rate) =>
  one.foreign ? rows.map((value, month) => value * rate[one.foreign === "first" ? 0 : month]) : rows;

/** The trials of a plan in blocks of `lanes`, each of which gives the arrays of the lines that are kept. */
class Trials {
  constructor(plan, lanes, names) {
    [this.plan, this.lanes] = [plan, lanes];
    const {sent} = plan,
      tied = sent.tied;
    const streams = one => one.streams?.map(digits => digits && new Spread(digits));
    this.streams = Object.fromEntries(Object.entries(plan.values).map(([path, one]) => [path, streams(one)]));
    this.walks = Object.fromEntries(
      Object.entries(plan.values)
        .filter(([, one]) => one.walk)
        .map(([path, one]) => [path, new Stream(one.walk[2])]),
    );
    this.tied = tied.streams.map(digits => new Spread(digits));
    this.luck = Object.entries(sent.luck).map(([name, all]) => [name, all.map(digits => new Stream(digits))]);
    this.quantiles = Object.fromEntries(Object.entries(plan.values).map(([path, one]) => [path, quantiles(one)]));
    this.assumed = {...plan.assumed};
    for (const [name, input] of Object.entries(sent.inputs))
      if (input.drawn) this.assumed[name] = new Float64Array(plan.assumed[name].length * lanes);
    for (const [name] of this.luck)
      this.assumed[`luck_${name}`] = new Float64Array(plan.assumed[`luck_${name}`].length * lanes);
    this.block = plan.program(sent.months, lanes, this.assumed);
    // What is alike in all trials is computed once.
    this.block.run(plan.names.filter(name => this.block.lines[name].length === plan.base.lines[name].length));
    this.names = names.filter(name => this.block.lines[name].length > plan.base.lines[name].length);
  }

  /** Draws the next trials, computes them, and returns the arrays of the lines that are kept. */
  next() {
    const {months, inputs} = this.plan.sent,
      lanes = this.lanes,
      drawn = this.draw();
    for (const [name, input] of Object.entries(inputs)) {
      if (!input.drawn) continue;
      const array = this.assumed[name],
        count = input.of.length,
        rows = input.steady ? 1 : months + 1;
      input.of.forEach((path, k) => {
        const values = drawn[path] ?? this.alike(path, drawn);
        for (let m = 0; m < rows; m++) {
          const from = values.length === lanes ? 0 : Math.max(m - 1, 0) * lanes;
          array.set(values.subarray(from, from + lanes), (m * count + k) * lanes);
        }
      });
    }
    for (const [name, streams] of this.luck) {
      const array = this.assumed[`luck_${name}`],
        count = streams.length;
      streams.forEach((stream, k) => {
        for (let t = 0; t < lanes; t++)
          for (let m = 1; m <= months; m++) array[(m * count + k) * lanes + t] = stream.next();
      });
    }
    this.block.run(this.names);
    return this.block.lines;
  }

  /** An assumption without chance as an array by month and lane, converted at each trial's rate. */
  alike(path, drawn) {
    const one = this.plan.values[path],
      months = this.plan.sent.months,
      lanes = this.lanes,
      rows = in_base(one, months);
    const rate = drawn.exchange_rate,
      array = new Float64Array(months * lanes);
    for (let m = 0; m < months; m++)
      for (let t = 0; t < lanes; t++)
        array[m * lanes + t] = rows[m] * (one.foreign ? at_rate(rate, one, m, t, lanes) : 1);
    return array;
  }

  /** Uncertain assumptions by path, each an array of a row for each month, or of one, by lane. */
  draw() {
    const {months, tied} = this.plan.sent,
      lanes = this.lanes,
      found = {};
    const levels = correlated(
      this.tied.map(stream => stream.take(lanes).map(ndtri)),
      tied.root,
    );
    const shares = Object.fromEntries(
      tied.paths.map((path, place) => [
        path,
        levels[place].map(level => Math.min(Math.max(ndtr(level), LEAST_SHARE), MOST_SHARE)),
      ]),
    );
    const own = Object.fromEntries(
      Object.entries(this.walks).map(([path, stream]) => [path, stream.take(lanes * months).map(ndtri)]),
    );
    const together = correlated(
      tied.walking.map(path => own[path]),
      tied.walking_root,
    );
    tied.walking.forEach((path, place) => {
      own[path] = together[place];
    });
    for (const [path, one] of Object.entries(this.plan.values)) {
      if (!this.streams[path] && !one.walk) continue;
      const parts = one.parts.map((part, place) => {
        if (typeof part === "number") return () => part;
        const share = shares[path] ?? this.streams[path][place].take(lanes),
          of = this.quantiles[path][place];
        const values = share.map(of);
        return t => values[t];
      });
      const walked = one.walk && walk(one.walk, own[path], lanes, months);
      const rows = one.steps?.length === 1 && !walked ? 1 : months,
        array = new Float64Array(rows * lanes);
      for (let t = 0; t < lanes; t++) {
        const numbers = parts.map(part => part(t));
        for (let m = 0; m < rows; m++)
          array[m * lanes + t] = within(course(one, numbers, m) * (walked ? walked[m * lanes + t] : 1), one.limits);
      }
      found[path] = array;
    }
    // A rate without chance is no draw, and amounts in the second currency take it all the same.
    if (this.plan.values.exchange_rate) found.exchange_rate ??= this.alike("exchange_rate", found);
    for (const [path, one] of Object.entries(this.plan.values))
      if (one.foreign && found[path]) found[path] = this.at_rates(one, found[path], found.exchange_rate);
    return found;
  }

  /** Amounts in the second currency, converted. */
  at_rates(one, values, rate) {
    const {months} = this.plan.sent,
      lanes = this.lanes,
      array = new Float64Array(months * lanes);
    for (let m = 0; m < months; m++)
      for (let t = 0; t < lanes; t++)
        array[m * lanes + t] = values[values.length === lanes ? t : m * lanes + t] * at_rate(rate, one, m, t, lanes);
    return array;
  }
}

const at_rate = (rate, one, month, lane, lanes) =>
  rate[(rate.length === lanes || one.foreign === "first" ? 0 : month * lanes) + lane];

/** The quantile of each part within the limits of its assumption. */
const quantiles = one =>
  one.parts.map((part, place) => {
    if (typeof part === "number") return null;
    // A growth of −100 % ends at zero; the limits are those of the value itself.
    const [low, high] = !one.steps && !one.ramp && place ? [-1, null] : one.limits;
    const bottom = low === null ? 0 : cdf(part, before(low)),
      top = high === null ? 1 : cdf(part, high),
      of = quantile(part);
    return share => within(of(bottom + share * (top - bottom)), [low, high]);
  });

/** The largest number below another. */
const before = number => {
  if (number === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([number]).buffer);
  bits[0] += number > 0 ? -1n : 1n;
  return new Float64Array(bits.buffer)[0];
};

/** Normal numbers with the correlations of which `root` is the root; of one alone, itself. */
const correlated = (normals, root) =>
  normals.length < 2
    ? normals
    : root.map(row =>
        normals[0].map((_, t) => row.reduce((sum, weight, place) => sum + weight * normals[place][t], 0)),
      );

/** The factors of a walk by month and lane, from normal numbers of which each trial has a month after the other. */
const walk = ([volatility, kept], shocks, lanes, months) => {
  const factors = new Float64Array(months * lanes).fill(1);
  for (let t = 0; t < lanes; t++) {
    let log = 0;
    for (let m = 1; m < months; m++) {
      log = kept * log + volatility * shocks[t * months + m];
      factors[m * lanes + t] = Math.exp(log);
    }
  }
  return factors;
};
