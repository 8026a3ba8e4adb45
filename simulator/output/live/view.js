// The page: levers, figures and charts of a plan that is computed anew at each move.

// Levels by path, what-ifs that are on, trials of the plan as it stands, and what the page shows.
const state = {
  levels: {},
  whatifs: new Set(),
  trials: null,
  worker: null,
  page: "statements",
  period: "year",
  language: "en",
  search: "",
};
let shown, plan;

// Words and numbers of the reader

/** A text in the reader's language, with each {name} filled in where there are values. */
const say = (text, values) => {
  const translated = state.language === "zh" && Object.hasOwn(shown.words, text) ? shown.words[text] : text;
  return values ? translated.replace(/\{(\w+)(?::[^}]*)?\}/g, (_, name) => values[name] ?? `{${name}}`) : translated;
};
/** A sentence from the engine: its text, and values with their units. */
const sentence = ([text, values]) =>
  say(text, Object.fromEntries(Object.entries(values).map(([name, [number, unit]]) => [name, written(number, unit)])));

const locale = () => (state.language === "zh" ? "zh-CN" : "en-US");
const formats = new Map();
/** The browser's format of numbers or of dates, which takes long to make, so that each is made once. */
const format = (value, options, kind = Intl.NumberFormat) => {
  const key = locale() + kind.name + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new kind(locale(), options));
  return formats.get(key).format(value);
};
const month_name = (month, short = false) => {
  const [year, first] = shown.start.split("-").map(Number),
    date = new Date(Date.UTC(year, first - 1 + month, 1));
  return format(date, {month: short ? "short" : "long", year: "numeric", timeZone: "UTC"}, Intl.DateTimeFormat);
};
/** A number with its unit, as people read it. */
const written = (number, unit, exact = false) => {
  if (number === null || Number.isNaN(number)) return "–";
  if (unit === "share")
    return format(number, {style: "percent", maximumSignificantDigits: exact ? 8 : Math.abs(number) < 1 ? 3 : 4});
  if (unit === "month index") return number >= 0 && number < 1200 ? month_name(Math.round(number)) : "–";
  const [of, per] = unit.split(/\/(.*)/),
    money = of === shown.currency || of === "money";
  const large = Math.abs(number) >= 100000 && !exact;
  const digits = exact
    ? {maximumSignificantDigits: 17}
    : large
      ? {notation: "compact", maximumSignificantDigits: 4}
      : {maximumFractionDigits: Math.abs(number) >= 1000 ? 0 : Math.abs(number) >= 1 || !number ? 2 : 6};
  if (money)
    return (
      format(number, {style: "currency", currency: shown.currency, minimumFractionDigits: 0, ...digits}) +
      (per ? ` / ${spoken(per)}` : "")
    );
  return (
    format(number, digits) +
    (unit === "1" || !unit
      ? ""
      : ` ${unit === "month" && (number !== 1 || state.language === "zh") ? say("months") : spoken(unit)}`)
  );
};

/** A unit in words, such as "USD per customer per month". */
const spoken = unit =>
  unit === "share"
    ? "%"
    : unit
        .split("/")
        .filter(part => part !== "1")
        .map(part => say(shown.names[part] ?? part))
        .join(state.language === "zh" ? "/" : " per ");

// Elements

/** An element with properties, listeners (`on…`) and children; text is never read as markup. */
const h = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
};
const svg = (tag, attributes, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
/** Children that are made anew, in place of those that stand in an element. */
const fill = (id, ...children) => document.getElementById(id)?.replaceChildren(...children.flat());

// Levers

const is_changed = () => Object.keys(state.levels).length > 0 || state.whatifs.size > 0;
const replaced = () => Object.assign({}, ...[...state.whatifs].map(place => shown.whatifs[place].values));
const changes = () => [state.levels, replaced()];
const sent_level = path => first_level({...plan.sent.values, ...replaced()}[path], shown.months);

const name_of = path => {
  const {name, of} = shown.about[path] ?? {name: path};
  return of ? `${say(name)} · ${of}` : say(name);
};
/** What readers said of an assumption, or of the whole plan where there is no path. */
const comments_on = (path = "") =>
  shown.comments.filter(([on]) => on === path).map(([, text]) => h("p", {class: "small said"}, text));
/** What was changed since the plan was sent, in words, so that it stands on paper, too. */
const changed = () => {
  const moved = Object.entries(state.levels).map(([path, level]) => {
    const [before, after] = [sent_level(path), level].map(one => written(one, shown.about[path].unit));
    return `${name_of(path)}: ${before} → ${after}`;
  });
  const on = [...state.whatifs].map(place => say(shown.whatifs[place].title));
  return is_changed() ? say("Changed: {changes}", {changes: [...on, ...moved].join("; ")}) : "";
};
/** The number that a field shows for a level: shares are written in percent. */
const scale_of = path => (shown.about[path].unit === "share" ? 100 : 1);
const tidy = number => Number(number.toPrecision(6));

const level_of = path => state.levels[path] ?? sent_level(path);
// A scenario has no larger number, since products of a few such would overflow.
const LARGEST = 1e18;

/** Sets a level, within what makes sense, and computes everything anew; what is no number changes nothing. */
const move = (path, typed) => {
  if (Number.isFinite(typed)) {
    const level = within(within(typed, [-LARGEST, LARGEST]), plan.sent.values[path].limits);
    if (level === sent_level(path)) delete state.levels[path];
    else state.levels[path] = level;
    stop();
  }
  update();
};
/** Trials of a plan that has changed say nothing of it. */
const stop = () => {
  state.worker?.terminate();
  state.worker = state.trials = null;
};

const lever = path => {
  const {unit} = shown.about[path],
    scale = scale_of(path),
    {limits} = plan.sent.values[path],
    id = `lever ${path}`;
  const set = event => move(path, event.target.valueAsNumber / scale);
  const number = h("input", {type: "number", id, step: "any", onchange: set});
  const range = h("input", {type: "range", "aria-label": name_of(path), step: "any", oninput: set});
  const text = h("label", {for: id}, name_of(path) + (spoken(unit) && ` (${spoken(unit)})`));
  /** Shows the level as it stands, wherever it was changed. */
  const show = () => {
    const sent = sent_level(path),
      level = level_of(path),
      ends = sent < 0 ? [2 * sent, 0] : [0, 2 * sent || 1];
    number.value = tidy(level * scale);
    [range.min, range.max] = ends.map(end => within(end, limits) * scale);
    range.value = level * scale;
    text.classList.toggle("changed", path in state.levels);
  };
  return h("div", {class: "lever", onmoved: show}, text, range, number);
};

const levers = () =>
  shown.levers.map(([title, paths], place) =>
    h("details", {open: place === 0}, h("summary", {}, say(title)), paths.map(lever)),
  );

const whatifs = () =>
  shown.whatifs.length
    ? [
        h(
          "details",
          {},
          h("summary", {}, say("What if")),
          shown.whatifs.map(({title, says}, place) =>
            h(
              "p",
              {},
              h(
                "label",
                {title: say(says)},
                h("input", {
                  type: "checkbox",
                  checked: state.whatifs.has(place),
                  onchange: event => {
                    state.whatifs[event.target.checked ? "add" : "delete"](place);
                    stop();
                    update();
                  },
                }),
                " ",
                say(title),
              ),
              h("br"),
              h("span", {class: "small"}, say(says)),
            ),
          ),
        ),
      ]
    : [];

// Figures and charts

const HEADLINES = [
  "runway",
  "end_cash",
  "lowest_cash",
  "arr",
  "gross_margin",
  "break_even_month",
  "months_left",
  "ltv_to_cac",
];

/** A figure of the plan as it stands: its value, or why it has none. Figures without a formula are those that were sent. */
const figure_of = figure => {
  if (!figure.line) return {value: figure.value, why: figure.why ? sentence(figure.why) : "", sent: true};
  try {
    return {value: plan.base.measure(figure.line, shown.months), why: ""};
  } catch (error) {
    if (!(error instanceof Undefined)) throw error;
    return {value: null, why: say(error.message)};
  }
};
const tile = key => {
  const figure = shown.figures.find(one => one.key === key);
  if (!figure) return [];
  const {value, why, sent} = figure_of(figure),
    stale = sent && is_changed();
  const note = stale ? say("as sent") : why;
  return [
    h(
      "button",
      {
        class: `tile${stale ? " sent-only" : ""}`,
        onclick: () => explain(say(figure.title), [[figure.line ?? figure.key, shown.months - 1, 0]]),
      },
      say(figure.title),
      h("b", {}, value === null ? "–" : written(value, figure.unit)),
      h("span", {class: "small"}, note),
    ),
  ];
};

const WIDTH = 560,
  HEIGHT = 240,
  LEFT = 62,
  BOTTOM = 26,
  TOP = 8;

/** Round steps that cover a range of amounts. */
const ticks = (low, high) => {
  const size = 10 ** Math.floor(Math.log10((high - low) / 4 || 1)),
    step = [1, 2, 5, 10].find(one => one * size * 4 >= high - low) * size;
  return Array.from({length: 7}, (_, n) => (Math.floor(low / step) + n) * step).filter(
    tick => tick >= low - step / 1e6 && tick <= high + step / 1e6,
  );
};

/** About how wide a label is; a Chinese character takes the room of two others. */
const wide = text => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 13 : 8), 0);

/** A line over the months with its bands, and the line as it was sent where it was another. */
const chart = name => {
  const values = plan.total(name),
    drawn = state.trials?.bands ?? (is_changed() ? null : shown.sent.bands),
    band = drawn?.[name];
  const sent = is_changed() ? sent_lines[name] : null;
  const all = [...values, ...(band ? [...band[0], ...band[2]] : []), ...(sent ?? []), 0],
    low = Math.min(...all),
    high = Math.max(...all, low + 1);
  const marks = ticks(low, high).map(tick => [tick, written(tick, "money")]),
    left = Math.max(LEFT, ...marks.map(([, text]) => wide(text) + 10));
  const x = month => left + (month / (shown.months - 1 || 1)) * (WIDTH - left - 8),
    y = value => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const path = numbers =>
    "M" + numbers.map((value, month) => `${x(month).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
  // As many years as have room below the chart.
  const step = 12 * Math.ceil((wide(month_name(0, true)) + 10) / (x(12) - x(0))),
    years = Array.from({length: Math.ceil(shown.months / step)}, (_, place) => place * step);
  const title = say(shown.lines[name].title),
    end = values[values.length - 1];
  const picture = svg(
    "svg",
    {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title},
    ...marks.flatMap(([tick, text]) => [
      svg("line", {x1: left, x2: WIDTH - 8, y1: y(tick), y2: y(tick), stroke: "var(--edge)"}),
      svg("text", {x: left - 6, y: y(tick) + 4, "text-anchor": "end"}, text),
    ]),
    ...years.map(month => svg("text", {x: x(month), y: HEIGHT - 8, "text-anchor": "middle"}, month_name(month, true))),
    ...(band
      ? [
          svg("path", {
            d:
              path(band[0]) +
              "L" +
              path([...band[2]])
                .slice(1)
                .split("L")
                .reverse()
                .join("L") +
              "Z",
            fill: "var(--blue)",
            "fill-opacity": 0.18,
          }),
        ]
      : []),
    ...(sent
      ? [
          svg("path", {
            d: path(sent),
            fill: "none",
            stroke: "var(--soft)",
            "stroke-width": 1.5,
            "stroke-dasharray": "4 4",
          }),
        ]
      : []),
    svg("path", {d: path(values), fill: "none", stroke: "var(--blue)", "stroke-width": 2.5}),
  );
  const told = [
    say("{title}: {value} in {month}.", {title, value: written(end, "money"), month: month_name(shown.months - 1)}),
  ];
  if (band)
    told.push(
      say("The band holds 90 % of {trials} trials.", {trials: format(state.trials?.trials ?? shown.sent.trials, {})}),
    );
  if (sent) told.push(say("Dashes: as sent, {value}.", {value: written(sent[sent.length - 1], "money")}));
  return h("figure", {}, h("h3", {}, title), picture, h("figcaption", {}, told.join(" ")));
};
let sent_lines;

// The verdict, which is that of the plan as sent, and trials of the plan as it stands

const verdict = () => {
  const {grade, between, trials, chances, of} = shown.sent,
    found = state.trials;
  const said = [
    h(
      "p",
      {},
      h("b", {}, between.length ? between.map(one => say(one)).join(" / ") : say(grade)),
      state.language === "zh" ? "：" : ": ",
      sentence(shown.sent.sentence),
    ),
  ];
  const list = shown.sent.reasons.map(reason => h("li", {}, sentence(reason)));
  const chance = found?.chances ?? (is_changed() ? null : chances);
  return [
    h(
      "div",
      {class: is_changed() ? "sent-only" : ""},
      h("h2", {}, is_changed() ? say("Verdict on the plan as sent") : say("Verdict")),
      said,
      h("ul", {}, list),
    ),
    h(
      "p",
      {},
      chance
        ? say("Of {trials} trials, {broke} run out of cash and {profit} make an operating profit in the last year.", {
            trials: format(found?.trials ?? of, {}),
            broke: written(chance[0], "share"),
            profit: written(chance[1], "share"),
          })
        : say("The chances of the plan as it stands are not known before its trials have run."),
    ),
    h(
      "p",
      {},
      h(
        "button",
        {id: "run", disabled: state.worker !== null || !(trials || of), onclick: start},
        say("Run 1,000 trials of this plan"),
      ),
      " ",
      h("span", {id: "progress", role: "status", class: "small"}),
    ),
  ];
};

/** Runs trials in a worker made of this script, so that the page stays at hand. */
const start = () => {
  state.source ??= URL.createObjectURL(new Blob([script], {type: "text/javascript"}));
  const worker = (state.worker = new Worker(state.source)),
    count = 1000;
  worker.onmessage = ({data}) => {
    if (data.done) return fill("progress", say("{done} of {count} trials", {done: data.done, count}));
    worker.terminate();
    state.worker = null;
    state.trials = data;
    answer();
  };
  worker.onerror = event => {
    state.worker = null;
    document.getElementById("run").disabled = false;
    fill("progress", say("The trials stopped: {why}", {why: event.message}));
  };
  worker.postMessage({
    sent: plan.sent,
    changes: changes(),
    shown: {needed: shown.needed.filter(name => plan.base.lines[name]), floor: shown.floor, year: shown.year},
    count,
  });
  document.getElementById("run").disabled = true;
};
const script = typeof document === "undefined" ? "" : document.currentScript.textContent;
