// Assumptions by month and trial: the same uniform numbers, quantiles and courses as the engine's (answers/draws.py).

const LEAST_SHARE = 2 ** -54,
  MOST_SHARE = 1 - 2 ** -53;

/** NumPy's PCG64 (O'Neill, 2014) from a state and an increment of 32 hexadecimal digits each. */
class Stream {
  constructor(digits) {
    const limbs = at => [24, 16, 8, 0].map(place => parseInt(digits.slice(at + place, at + place + 8), 16));
    [this.state, this.increment] = [limbs(0), limbs(32)];
  }

  /** The next number from 0 to 1. */
  next() {
    const [a0, a1, a2, a3] = this.state,
      [c0, c1, c2, c3] = this.increment;
    // The factor 0x2360ed051fc65da44385df649fccf645 in limbs of 32 bits, the lowest first.
    const b0 = 0x9fccf645,
      b1 = 0x4385df64,
      b2 = 0x1fc65da4,
      b3 = 0x2360ed05;
    let sum = low(a0, b0) + c0;
    const s0 = sum >>> 0;
    sum = Math.floor(sum / 4294967296) + high(a0, b0) + low(a0, b1) + low(a1, b0) + c1;
    const s1 = sum >>> 0;
    sum = Math.floor(sum / 4294967296) + high(a0, b1) + high(a1, b0) + low(a0, b2) + low(a1, b1) + low(a2, b0) + c2;
    const s2 = sum >>> 0;
    sum =
      Math.floor(sum / 4294967296) +
      high(a0, b2) +
      high(a1, b1) +
      high(a2, b0) +
      low(a0, b3) +
      low(a1, b2) +
      low(a2, b1) +
      low(a3, b0) +
      c3;
    const s3 = sum >>> 0;
    this.state = [s0, s1, s2, s3];
    const turn = s3 >>> 26,
      x0 = s0 ^ s2,
      x1 = s1 ^ s3,
      [y0, y1] = turn & 32 ? [x1, x0] : [x0, x1],
      by = turn & 31;
    const low32 = by ? ((y0 >>> by) | (y1 << (32 - by))) >>> 0 : y0 >>> 0,
      high32 = by ? ((y1 >>> by) | (y0 << (32 - by))) >>> 0 : y1 >>> 0;
    return Math.max((high32 * 2097152 + (low32 >>> 11)) / 9007199254740992, LEAST_SHARE);
  }

  /** The next numbers. */
  take(count) {
    return Float64Array.from({length: count}, () => this.next());
  }
}

const HYPERCUBE = 1000,
  SLICE = 100,
  SLICES = HYPERCUBE / SLICE;

/** The order that sorts numbers: the place of the least one first. */
const order_of = numbers => Array.from(numbers.keys()).sort((a, b) => numbers[a] - numbers[b]);

/** Numbers of a stream that are spread evenly over each 100 and each 1,000 trials: a sliced Latin hypercube. */
class Spread {
  constructor(digits) {
    [this.stream, this.ready, this.taken] = [new Stream(digits), [], 0];
  }

  /** The next numbers, one a trial. */
  take(count) {
    return Float64Array.from({length: count}, () => {
      if (this.taken === this.ready.length) [this.ready, this.taken] = [this.next(), 0];
      return this.ready[this.taken++];
    });
  }

  /** Numbers for the next 1,000 trials. */
  next() {
    const [hundredths, within, jitter] = [0, 1, 2].map(() => this.stream.take(HYPERCUBE)),
      parts = (numbers, size) =>
        Array.from({length: numbers.length / size}, (_, n) => order_of(numbers.subarray(n * size, (n + 1) * size)));
    const slices = parts(hundredths, SLICE),
      tenths = parts(within, SLICES);
    return jitter.map((more, trial) => {
      const slice = Math.floor(trial / SLICE),
        hundredth = slices[slice][trial % SLICE];
      const share = (hundredth * SLICES + tenths[hundredth][slice] + more) / HYPERCUBE;
      return Math.min(Math.max(share, LEAST_SHARE), MOST_SHARE);
    });
  }
}
const low = (a, b) => Math.imul(a, b) >>> 0;
const high = (a, b) => {
  const a0 = a & 0xffff,
    a1 = a >>> 16,
    b0 = b & 0xffff,
    b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16),
    other = a0 * b1 + (middle & 0xffff);
  return a1 * b1 + Math.floor(middle / 65536) + Math.floor(other / 65536);
};

// Parts of a value: a number, or the name of a distribution with its numbers, as scenario/chances.py has them.

const central = part =>
  typeof part === "number"
    ? part
    : {
        normal: (mean, deviation) => mean,
        lognormal: mu => Math.exp(mu),
        pert: (low, mode) => mode,
        uniform: (low, high) => (low + high) / 2,
        samples: (...numbers) => at_share(numbers, 0.5),
        chance: probability => (probability >= 0.5 ? 1 : 0),
      }[part[0]](...part.slice(1));

/** A function that gives the quantile of a share. */
const quantile = ([name, ...numbers]) => {
  const [one, two, three] = numbers;
  switch (name) {
    case "normal":
      return share => one + two * ndtri(share);
    case "lognormal":
      return share => Math.exp(one + two * ndtri(share));
    case "uniform":
      return share => one + (two - one) * share;
    case "samples":
      return share => at_share(numbers, share);
    case "chance":
      return share => (share > 1 - one ? 1 : 0);
    case "pert": {
      const beta = beta_quantile(1 + (4 * (two - one)) / (three - one), 1 + (4 * (three - two)) / (three - one));
      return share => one + (three - one) * beta(share);
    }
  }
};

const cdf = ([name, ...numbers], number) => {
  const [one, two, three] = numbers;
  switch (name) {
    case "normal":
      return ndtr((number - one) / two);
    case "lognormal":
      return number > 0 ? ndtr((Math.log(number) - one) / two) : 0;
    case "uniform":
      return Math.min(Math.max((number - one) / (two - one), 0), 1);
    case "chance":
      return number < 0 ? 0 : number < 1 ? 1 - one : 1;
    case "samples": {
      if (number < numbers[0]) return 0;
      const above = numbers.findIndex(other => other > number);
      if (above < 0) return 1;
      return (above - 1 + (number - numbers[above - 1]) / (numbers[above] - numbers[above - 1])) / (numbers.length - 1);
    }
    case "pert": {
      const part = Math.min(Math.max((number - one) / (three - one), 0), 1);
      return beta_share(1 + (4 * (two - one)) / (three - one), 1 + (4 * (three - two)) / (three - one), part);
    }
  }
};

/** The number at a share of sorted numbers, linear between two. */
const at_share = (sorted, share) => {
  const place = share * (sorted.length - 1),
    below = Math.floor(place),
    above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
};

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const gamma_log = x => {
  const base = x + 6.5,
    series = LANCZOS.reduce((sum, one, place) => sum + one / (x - 1 + place));
  return 0.91893853320467274 + (x - 0.5) * Math.log(base) - base + Math.log(series);
};
const beta_log = (a, b) => gamma_log(a) + gamma_log(b) - gamma_log(a + b);

/** The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) with Lentz's method. */
const beta_share = (a, b, x) => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta_share(b, a, 1 - x);
  let c = 1,
    d = 1 / (1 - ((a + b) * x) / (a + 1)),
    fraction = d;
  for (let n = 1; n < 300; n++) {
    const even = (n * (b - n) * x) / ((a + 2 * n - 1) * (a + 2 * n));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + n) * (a + b + n) * x) / ((a + 2 * n) * (a + 2 * n + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return (Math.exp(a * Math.log(x) + b * Math.log1p(-x) - beta_log(a, b)) * fraction) / a;
};

const STEP = 1 / 32,
  FIRST_KNOT = -8.5,
  LAST_KNOT = 544;

/** The quantile of a beta distribution between knots of the normal quantile, by Hermite's cubic, as chances.Pert has it. */
const beta_quantile = (a, b) => {
  const known = new Map(),
    scale = beta_log(a, b);
  const knot = number => {
    if (!known.has(number)) {
      const z = FIRST_KNOT + number * STEP,
        below = z < 0,
        [one, other] = below ? [a, b] : [b, a];
      const near = beta_root(one, other, ndtr(-Math.abs(z)), scale),
        rest = 1 - near,
        [x, y] = below ? [near, rest] : [rest, near];
      const density = Math.pow(x, a - 1) * Math.pow(y, b - 1);
      known.set(number, [x, (((STEP * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)) * Math.exp(scale)) / density]);
    }
    return known.get(number);
  };
  return share => {
    const place = Math.min(Math.max((ndtri(share) - FIRST_KNOT) / STEP, 0), LAST_KNOT);
    const left = Math.min(Math.floor(place), LAST_KNOT - 1),
      part = place - left;
    const [value, slope] = knot(left),
      [next, next_slope] = knot(left + 1),
      rise = next - value;
    const bend = (1 - part) * (slope - rise) - part * (next_slope - rise);
    return value + part * (rise + (1 - part) * bend);
  };
};

/** The number of which a small share of a beta distribution is below. Its logarithm is concave in that of the number, so
 *  Newton's method converges from the left. */
const beta_root = (a, b, share, scale) => {
  let log = Math.min((Math.log(share) + Math.log(a) + scale) / a, -1e-9);
  for (let n = 0; n < 60; n++) {
    const x = Math.exp(log),
      at = beta_share(a, b, x);
    const slope = Math.exp(a * log + (b - 1) * Math.log1p(-x) - scale) / at,
      step = (Math.log(share) - Math.log(at)) / slope;
    log = Math.min(log + step, -1e-16);
    if (Math.abs(step) < 1e-14) break;
  }
  return Math.exp(log);
};

// Values: a course over parts, as scenario/values.py has them.

/** The value in a month counted from 0, given its parts. */
const course = ({steps, ramp}, parts, month) => {
  if (ramp) return parts[0] + (parts[1] - parts[0]) * Math.min(month / ramp, 1);
  if (!steps) return parts[0] * Math.pow(1 + parts[1], month);
  let place = 0;
  while (place + 1 < steps.length && steps[place + 1] <= month) place++;
  return parts[place];
};
const within = (value, [low, high]) => Math.min(Math.max(value, low ?? -Infinity), high ?? Infinity);

/** Each row of a value, in the base case. */
const in_base = (one, months) => {
  const parts = one.parts.map(central);
  return Array.from({length: months}, (_, month) => within(course(one, parts, month), one.limits));
};

/** An assumption whose first level is another, with everything else in proportion; see scenario/scaling.py. */
const moved = (one, level, value) => {
  const certain = one.parts.every(part => typeof part === "number");
  const turned = value / level < 0 && !certain; // a range of the other sign, whose ends would change places
  const bare = one.replaced || !level || !value || turned || (one.parts.length === 1 && certain);
  if (bare && !(one.parts.length === 1 && one.parts[0][0] === "chance"))
    return {...one, steps: [0], ramp: 0, parts: [value], streams: [""]};
  const factor = value / level,
    scale = {
      normal: (mean, deviation) => [mean * factor, deviation * factor],
      lognormal: (mu, sigma) => [mu + Math.log(factor), sigma],
      chance: probability => [Math.min(Math.max(one.parts.length === 1 ? value : probability * factor, 0), 1)],
    };
  const scaled = part =>
    typeof part === "number"
      ? part * factor
      : [part[0], ...(scale[part[0]] ?? ((...numbers) => numbers.map(number => number * factor)))(...part.slice(1))];
  return {...one, parts: one.parts.map((part, place) => (one.steps || one.ramp || !place ? scaled(part) : part))};
};
