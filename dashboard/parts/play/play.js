// The panel Play: a move of a lever is computed in the browser and shows in the same frame; where the lever is let go,
// the move becomes an edit of the draft. The scripts of the live file's plan stand before this one.

/** Panels by the element in which they stand: the plan, the program that it runs, and the levels moved so far. */
const panels = new WeakMap();

const panel_of = ({data, parentElement}) => {
  const before = panels.get(parentElement),
    same = before?.code === data.code;
  const program = same ? before.program : eval(data.code);
  const panel = {code: data.code, program, plan: new Plan(program, data.plan).change({}), levels: {}, data};
  panels.set(parentElement, panel);
  return panel;
};

const written = (number, {unit, currency, language, start}) => {
  if (!Number.isFinite(number)) return "–";
  const format = options => new Intl.NumberFormat(language, options).format(number);
  if (unit === "share") return format({style: "percent", maximumSignificantDigits: 3});
  if (unit === "month") return format({style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1});
  if (unit === "month index") {
    const [year, month] = start.split("-").map(Number),
      date = new Date(Date.UTC(year, month - 1 + Math.round(number), 1));
    return date.toLocaleDateString(language, {month: "short", year: "numeric", timeZone: "UTC"});
  }
  const large =
    Math.abs(number) >= 1e5
      ? {notation: "compact", maximumSignificantDigits: 4}
      : {maximumFractionDigits: Math.abs(number) < 100 ? 2 : 0};
  return format(unit === currency ? {style: "currency", currency, minimumFractionDigits: 0, ...large} : large);
};

const element = (tag, properties = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

/** Cash by month as a line above and below zero, beside the line as it is in the draft. */
const drawing = (values, before) => {
  const all = [...values, ...before, 0],
    low = Math.min(...all),
    high = Math.max(...all, low + 1),
    width = 600,
    height = 150;
  const points = numbers =>
    numbers
      .map(
        (value, month) => `${(month / (numbers.length - 1 || 1)) * width},${((high - value) / (high - low)) * height}`,
      )
      .join(" ");
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", `0 -4 ${width} ${height + 8}`);
  picture.setAttribute("aria-hidden", "true");
  for (const [numbers, look] of [
    [[0, 0], "zero"],
    [before, "before"],
    [values, "now"],
  ]) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("points", points(numbers));
    line.setAttribute("class", look);
    picture.append(line);
  }
  return picture;
};

const figure_of = (plan, {line}) => {
  try {
    return [plan.base.measure(line, plan.sent.months), ""];
  } catch (error) {
    if (!(error instanceof Undefined)) throw error;
    return [NaN, error.message];
  }
};

/** Draws the figures of a plan, each beside what it is in the draft. */
const show = (panel, box) => {
  const {data, plan} = panel,
    moved_now = Object.keys(panel.levels).length > 0;
  const values = plan.total("cash");
  panel.before ??= {cash: values, figures: data.figures.map(figure => figure_of(plan, figure)[0])};
  box.querySelector(".figures").replaceChildren(
    ...data.figures.map((figure, place) => {
      const [value] = figure_of(plan, figure),
        was = panel.before.figures[place];
      const note = moved_now && !Object.is(value, was) ? `${data.words.was} ${written(was, {...data, ...figure})}` : "";
      return element(
        "div",
        {},
        figure.title,
        element("b", {}, written(value, {...data, ...figure})),
        element("small", {}, note),
      );
    }),
  );
  box.querySelector(".cash").replaceChildren(element("small", {}, data.words.cash), drawing(values, panel.before.cash));
};

export default component => {
  const {data, parentElement, setTriggerValue} = component,
    panel = panel_of(component);
  const box = parentElement.querySelector(".play");
  box.replaceChildren(
    element("div", {class: "levers"}),
    element("div", {}, element("div", {class: "figures", role: "status"}), element("div", {class: "cash"})),
  );
  const tidy = number => Number(number.toPrecision(6));
  box.querySelector(".levers").append(
    ...data.levers.map(({path, label, scale, level, low, high}) => {
      const shown = element("output", {}, String(tidy(level * scale)));
      const range = element("input", {
        type: "range",
        step: "any",
        min: low * scale,
        max: high * scale,
        value: level * scale,
        "aria-label": label,
      });
      range.oninput = () => {
        panel.levels[path] = range.valueAsNumber / scale;
        shown.textContent = String(tidy(range.valueAsNumber));
        panel.plan.change(panel.levels);
        show(panel, box);
      };
      range.onchange = () => setTriggerValue("moved", {path, level: tidy(range.valueAsNumber) / scale});
      return element("label", {}, element("span", {}, label), range, shown);
    }),
  );
  show(panel, box);
};
