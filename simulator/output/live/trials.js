// The trials of a plan as it stands, in a worker: what becomes of cash and profit, and the bands of the charts.

const LANES = 100;

/** The percentiles 5, 50 and 95 of each month of an array of months and trials, interpolated as NumPy does. */
const bands = (values, months, trials) => {
  const found = [[], [], []];
  for (let m = 0; m < months; m++) {
    const sorted = values
      .subarray(m * trials, (m + 1) * trials)
      .slice()
      .sort();
    [0.05, 0.5, 0.95].forEach((share, place) => found[place].push(at_share(sorted, share)));
  }
  return found;
};

/** Runs trials, tells of each block that is done, and returns the bands and the chances. */
const run_trials = (plan, {needed, floor, year}, count, told) => {
  const {months} = plan.sent,
    lanes = Math.min(LANES, count),
    trials = new Trials(plan, lanes, needed);
  const kept = Object.fromEntries(["cash", "revenue"].map(name => [name, new Float64Array(months * count)]));
  let broke = 0,
    profits = 0;
  const last = Math.max(months - year, 0);
  for (let first = 0; first < count; first += lanes) {
    const lines = trials.next();
    // A line that no chance moves is that of the base case in every trial.
    const of = (name, m, t) => (trials.names.includes(name) ? lines[name][(m + 1) * lanes + t] : plan.number(name, m));
    for (let t = 0; t < lanes && first + t < count; t++) {
      let income = 0,
        low = false;
      for (let m = 0; m < months; m++) {
        for (const name in kept) kept[name][m * count + first + t] = of(name, m, t);
        low ||= of("cash", m, t) < floor;
        if (m >= last) income += of("operating_income", m, t);
      }
      broke += low;
      profits += income > 0;
    }
    told(Math.min(first + lanes, count));
  }
  const drawn = Object.fromEntries(Object.entries(kept).map(([name, values]) => [name, bands(values, months, count)]));
  return {bands: drawn, chances: [broke / count, profits / count], trials: count};
};

if (typeof document === "undefined" && typeof self !== "undefined")
  self.onmessage = ({data: {sent, changes, shown, count}}) => {
    const plan = new Plan(program, sent).change(...changes);
    self.postMessage(run_trials(plan, shown, count, done => self.postMessage({done})));
  };
