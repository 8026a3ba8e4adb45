// What formulas call. Lines are functions of a month's row; see program.py for how they are laid out.

class Undefined extends Error {}

const total = (count, of) => {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += of(j);
  return sum;
};
const mean = (count, of) => total(count, of) / count;
const least = (count, of) => {
  let found = Infinity;
  for (let j = 0; j < count; j++) found = Math.min(found, of(j));
  return found;
};
const first = (count, of) => of(0);
const first_month = (count, month, holds, why) => {
  for (let j = 0; j < count; j++) if (holds(j)) return month(j);
  throw new Undefined(why);
};
const last_month = (count, month, holds) => {
  for (let j = count - 1; j >= 0; j--) if (holds(j)) return month(j);
  return -1;
};
const over = (amount, base, why) => {
  if (base <= 0) throw new Undefined(why);
  return amount / base;
};
const given = (holds, value, why) => {
  if (!holds) throw new Undefined(why);
  return value;
};

/** The rows of a window's months that ends `back` months before row `m`; a whole one has all its months, or none. */
const span = (m, length, back, whole) => {
  const rows = [],
    stop = m - back,
    start = stop - length + 1;
  if (start < 1 && whole) return rows;
  for (let row = Math.max(start, 1); row <= stop; row++) rows.push(row);
  return rows;
};
const sum = (members, of) =>
  typeof members === "number" ? total(members, of) : members.reduce((all, g) => all + of(g), 0);

/** Copies the opening value of each member and lane into the row before the first month. */
const opened = (line, values, members, lanes, given) => {
  for (let k = 0; k < members; k++)
    for (let t = 0; t < lanes; t++) line[k * lanes + t] = values[k * given + (given > 1 ? t : 0)];
};

/** What `make` gives or why it is undefined, made once for each key. */
const remembered = (known, key, make) => {
  if (!known.has(key)) {
    try {
      known.set(key, make());
    } catch (error) {
      if (!(error instanceof Undefined)) throw error;
      known.set(key, error);
    }
  }
  const found = known.get(key);
  if (found instanceof Undefined) throw found;
  return found;
};

const staying = (churn, spread, age, months) => {
  if (!spread) return Math.pow(1 - churn, months);
  let left = 1;
  for (let passed = 0; passed < months; passed++) left *= 1 - churn / (1 + spread * (age + passed));
  return left;
};

// The normal distribution: Cephes' ndtr and ndtri (Moshier, 1984-2000), with which SciPy computes them.

const polynomial = (x, coefficients) => coefficients.reduce((sum, one) => sum * x + one, 0);

const ERFC = [
  [
    [
      2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687, 4.86371970985681366614e1,
      1.96520832956077098242e2, 5.26445194995477358631e2, 9.3452852717195760754e2, 1.02755188689515710272e3,
      5.57535335369399327526e2,
    ],
    [
      1, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
      1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2,
    ],
  ],
  [
    [
      5.64189583547755073984e-1, 1.27536670759978104416, 5.01905042251180477414, 6.16021097993053585195,
      7.4097426995044893916, 2.9788666537210024067,
    ],
    [
      1, 2.2605286322011727659, 9.39603524938001434673, 1.20489539808096656605e1, 1.70814450747565897222e1,
      9.60896809063285878198, 3.3690764510008151605,
    ],
  ],
];
const ERF = [
  [
    9.60497373987051638749, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
    5.55923013010394962768e4,
  ],
  [
    1, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
    4.92673942608635921086e4,
  ],
];
const erf = x => (Math.abs(x) > 1 ? 1 - erfc(x) : (x * polynomial(x * x, ERF[0])) / polynomial(x * x, ERF[1]));
const erfc = x => {
  const size = Math.abs(x);
  if (size < 1) return 1 - erf(x);
  const [above, below] = ERFC[size < 8 ? 0 : 1];
  const tail = (Math.exp(-size * size) * polynomial(size, above)) / polynomial(size, below);
  return x < 0 ? 2 - tail : tail;
};
const ndtr = x => {
  const scaled = x * Math.SQRT1_2,
    size = Math.abs(scaled);
  if (size < 1) return 0.5 + 0.5 * erf(scaled);
  const tail = 0.5 * erfc(size);
  return scaled > 0 ? 1 - tail : tail;
};

const MIDDLE = [
  [
    -5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1,
    -1.23916583867381258016,
  ],
  [
    1, 1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1, -2.25462687854119370527e2,
    2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142,
  ],
];
const TAIL = [
  [
    [
      4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.408050738932008347e1,
      1.46849561928858024014e1, 2.18663306850790267539, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
      -8.57456785154685413611e-4,
    ],
    [
      1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.1317203825467203044e1, 1.50425385692907503408e1,
      2.50464946208309415979, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4,
    ],
  ],
  [
    [
      3.2377489177694603597, 6.91522889068984211695, 3.93881025292474443415, 1.33303460815807542389,
      2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
      6.2397453918498329373e-9,
    ],
    [
      1, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271, 2.1623699359449663589e-1,
      1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9,
    ],
  ],
];
const ndtri = share => {
  if (share <= 0) return -Infinity;
  if (share >= 1) return Infinity;
  const upper = share > 1 - 0.13533528323661269189,
    low = upper ? 1 - share : share;
  if (low > 0.13533528323661269189) {
    const y = low - 0.5,
      square = y * y;
    return (
      (y + y * ((square * polynomial(square, MIDDLE[0])) / polynomial(square, MIDDLE[1]))) * 2.50662827463100050242
    );
  }
  const x = Math.sqrt(-2 * Math.log(low)),
    part = 1 / x,
    [above, below] = TAIL[x < 8 ? 0 : 1];
  const found = x - Math.log(x) / x - (part * polynomial(part, above)) / polynomial(part, below);
  return upper ? found : -found;
};

// Counts, as engine/counts.py inverts them; without luck a count is its mean.

const MOST_VARIANCE = 10,
  NEAREST = 1e-14,
  MOST_TERMS = 60;

const poisson = (mean, luck) => {
  if (luck !== luck || mean <= 0) return mean > 0 ? mean : 0;
  luck = Math.min(Math.max(luck, NEAREST), 1 - NEAREST);
  if (mean > MOST_VARIANCE) return expanded(mean, mean, 1, 1, luck);
  let term = Math.exp(-mean),
    total = term,
    count = 0;
  for (let number = 1; number < MOST_TERMS && luck > total; number++) {
    count++;
    term *= mean / number;
    total += term;
  }
  return count;
};
const binomial = (count, share, luck) => {
  const mean = count * share;
  if (luck !== luck || !(mean > 0)) return luck !== luck ? mean : 0;
  luck = Math.min(Math.max(luck, NEAREST), 1 - NEAREST);
  const whole = Math.floor(count),
    extra = (count - whole) * Math.min(Math.max(share, 0), 1);
  share = Math.min(Math.max(share, 0), 1);
  return share > 0.5 ? whole + 1 - hits(whole, 1 - share, 1 - extra, 1 - luck) : hits(whole, share, extra, luck);
};
const hits = (whole, share, extra, luck) => {
  const evenness = share * (1 - share),
    variance = whole * evenness;
  if (variance > MOST_VARIANCE) {
    const count = expanded(
      whole * share + extra,
      variance + extra * (1 - extra),
      1 - 2 * share,
      1 - 6 * evenness,
      luck,
    );
    return Math.min(Math.max(count, 0), whole + 1);
  }
  const odds = share / (1 - share);
  let term = Math.pow(1 - share, whole),
    total = term,
    count = 0;
  for (let number = 1; number < MOST_TERMS && luck > total - extra * term; number++) {
    count++;
    term *= (Math.max(whole + 1 - number, 0) / number) * odds;
    total += term;
  }
  return count;
};
const expanded = (mean, variance, skew, excess, luck) => {
  const deviation = Math.sqrt(variance),
    normal = ndtri(luck),
    square = normal * normal;
  const second = ((((square - 3) * excess) / 24 - ((2 * square - 5) * skew * skew) / 36 - 1 / 24) * normal) / deviation;
  return Math.max(Math.floor(mean + deviation * normal + (skew * (square - 1)) / 6 + 0.5 + second), 0);
};
