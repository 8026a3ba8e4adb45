// The explanation of a number: its formula and what it reads, down to assumptions.

/** Opens the explanation of the numbers that add up to one. */
const explain = (title, parts) => {
  const dialog = document.getElementById("explain"),
    known = parts.filter(([name]) => shown.lines[name]);
  const missing = say("This figure has no formula that could be followed here; its value is the one sent.");
  const body =
    parts.length && !known.length
      ? [h("p", {}, missing)]
      : parts.length === 1
        ? [node(...parts[0], true)]
        : [h("p", {}, say("The sum of {count} numbers.", {count: parts.length})), ...several(known)];
  dialog.replaceChildren(h("form", {method: "dialog"}, h("button", {}, say("Close"))), h("h2", {}, title), ...body);
  if (!dialog.open) dialog.showModal();
};
/** Many numbers, without those that are zero; a reader rarely opens more than the first. */
const several = parts => {
  const told = parts.filter(part => value_at(...part)).slice(0, 120);
  return told.length ? told.map(part => node(...part)) : [h("p", {}, say("All of them are zero."))];
};

/** The members of what is read, from how the program writes them. */
const places = (where, member, count) => {
  if (where === null) return Array.from({length: count}, (_, k) => k);
  const [table_name, row] = where.split("[");
  const found =
    row === undefined ? (where === "k" ? member : Number(where)) : shown.tables[table_name][row === "k]" ? member : 0];
  return Array.isArray(found) ? found : [found];
};
/** The months that a parameter reads, the latest first. */
const months_read = (when, month) => {
  if (when === "last") return [month - 1];
  if (when === "first") return [0];
  if (when === "past") return Array.from({length: month + 1}, (_, back) => month - back);
  const window = shown.windows[when];
  return window
    ? span(month + 1, window.length ?? month + 1, window.back, window.whole)
        .map(row => row - 1)
        .reverse()
    : [month];
};

const value_at = (name, month, member) => {
  if (name === "month") return month;
  if (month < 0) return plan.number(`opening_${name}`, 0, member);
  if (plan.base.lines[name] || plan.sent.inputs[name]) return plan.number(name, month, member);
  try {
    return plan.base.measure(name, month + 1, member);
  } catch (error) {
    if (!(error instanceof Undefined)) throw error;
    return NaN;
  }
};

/** A number with its formula; what it reads opens in turn. */
const node = (name, month, member, open = false) => {
  const line = shown.lines[name];
  if (!line || month < 0) return leaf(month < 0 ? `opening_${name}` : name, month, member);
  const label = shown.members[line.per]?.[member],
    value = value_at(name, month, member);
  const summary = h(
    "summary",
    {},
    `${say(line.title)}${label ? ` · ${label}` : ""}, ${month_name(month)}: `,
    h("b", {}, written(value, line.unit)),
  );
  const details = h("details", {open}, summary);
  const inner = () => {
    if (details.childElementCount > 1) return;
    details.append(
      h("p", {class: "small"}, say(line.says)),
      h("p", {}, h("code", {}, line.formula)),
      h(
        "div",
        {class: "reads"},
        // What a balance adds in the month comes before the balance of the month before, which reads the same again.
        [...line.reads]
          .sort((one, other) => one[1].includes(name) - other[1].includes(name))
          .map(read => inputs(read, line, month, member)),
      ),
    );
  };
  details.addEventListener("toggle", () => details.open && inner());
  if (open) inner();
  return details;
};
const inputs = ([parameter, sources, when, , wheres], line, month, member) => {
  const parts = sources.flatMap((source, place) =>
    source === "month"
      ? []
      : months_read(when, month).flatMap(at =>
          places(wheres[place], member, count_of(source)).map(k => [source, at, k]),
        ),
  );
  if (!parts.length)
    return h("p", {class: "small"}, `${parameter.replaceAll("_", " ")}: ${sources.includes("month") ? month : 0}`);
  if (parts.length === 1) return h("div", {class: "read"}, node(...parts[0]));
  const named = parameter.replaceAll("_", " "),
    unit = shown.lines[parts[0][0]]?.unit ?? "1",
    sum = parts.reduce((all, part) => all + value_at(...part), 0);
  // Numbers of several months may be balances, which do not add up.
  const text =
    months_read(when, month).length > 1
      ? say("{count} numbers, the latest {value}", {count: parts.length, value: written(value_at(...parts[0]), unit)})
      : say("{count} numbers, together {value}", {count: parts.length, value: written(sum, unit)});
  const many = h("details", {}, h("summary", {}, `${named}: ${text}`));
  many.addEventListener("toggle", () => many.open && many.childElementCount < 2 && many.append(...several(parts)));
  return many;
};
const count_of = name =>
  !shown.lines[name] && !plan.sent.inputs[name]
    ? 0
    : (plan.sent.inputs[name]?.of.length ??
      (plan.base.lines[name]
        ? plan.base.lines[name].length / (plan.base.steady.has(name) ? 1 : shown.months + 1)
        : (shown.members[shown.lines[name].per] ?? [""]).length));

/** An assumption with its source and evidence, and what was sent where it was changed. */
const leaf = (name, month, member) => {
  const path = plan.sent.inputs[name]?.of[member] ?? name,
    about = shown.about[path];
  if (!about)
    return h("p", {}, `${name.replaceAll("_", " ")}: ${written(value_at(name, Math.max(month, 0), member), "1")}`);
  const first = Math.max(month, 0),
    level = plan.number(name, first, member),
    one = plan.values[path],
    stated =
      one?.foreign &&
      [
        written(in_base(one, shown.months)[first], about.unit),
        written(plan.rows.exchange_rate[one.foreign === "first" ? 0 : first], shown.about.exchange_rate.unit),
      ].join(" × ");
  const origin = [say(about.says ?? about.evidence), about.source, about.as_of, about.note].filter(one => one);
  return h(
    "div",
    {class: "leaf"},
    `${name_of(path)}: `,
    h("b", {}, written(level, about.converted ?? about.unit)),
    stated ? ` = ${stated}` : "",
    h("br"),
    h("span", {class: "small"}, origin.join(" · ")),
    path in state.levels
      ? h("span", {class: "changed"}, ` ${say("sent")}: ${written(sent_level(path), about.unit)}`)
      : "",
    comments_on(path),
  );
};
