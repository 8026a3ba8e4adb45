// Tables of the plan as it stands, and the explanation of any number.

/** A number that opens the explanation of its parts, each a line or figure with a month and a member. */
const number_button = (text, title, parts) =>
  h("button", {class: "number", onclick: () => explain(title, parts)}, text);
/** Every member of some lines in some months. */
const parts_of = (names, months) =>
  names.flatMap(name =>
    months.flatMap(month => Array.from({length: count_of(name)}, (_, member) => [name, month, member])),
  );
/** A whole amount of money in a column of them. */
const amount = value => format(Math.abs(value) < 0.5 ? 0 : value, {maximumFractionDigits: 0});
const table = (head, rows) =>
  h(
    "div",
    {class: "wide", tabindex: 0, role: "region", "aria-label": head[0]},
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((text, place) => h("th", {scope: "col", class: place ? "" : "words"}, text)),
        ),
      ),
      h("tbody", {}, rows),
    ),
  );

// Statements

/** The first month of each fiscal period, and the one after the last. */
const periods = () => {
  const length = {month: 1, quarter: 3, year: 12}[state.period],
    first = Math.ceil(plan.number("first_year_months", 0)) % length || length,
    starts = [0];
  for (let month = first; month < shown.months; month += length) starts.push(month);
  return [...starts, shown.months];
};
const statements = () => {
  const starts = periods(),
    spans = starts.slice(0, -1).map((from, place) => [from, starts[place + 1]]);
  const head = spans.map(([from, to]) =>
    to - from > 1 ? `${month_name(from, true)} – ${month_name(to - 1, true)}` : month_name(from, true),
  );
  const choice = h(
    "select",
    {
      "aria-label": say("Period"),
      onchange: event => {
        state.period = event.target.value;
        page();
      },
    },
    Object.entries({month: say("Months"), quarter: say("Quarters"), year: say("Years")}).map(([value, text]) =>
      h("option", {value, selected: state.period === value}, text),
    ),
  );
  return [
    h("p", {}, choice),
    ...shown.statements.flatMap(({title, balance, rows}) => [
      h("h3", {}, say(title)),
      table(
        [`${say(title)}, ${shown.currency}`, ...head],
        rows.map(([name, total, lines]) => {
          const months = lines
            .map(line => plan.total(line))
            .reduce((all, one) => all.map((value, month) => value + one[month]));
          return h(
            "tr",
            {class: total ? "total" : ""},
            h("td", {class: "words"}, say(name)),
            spans.map(([from, to]) => {
              const value = balance ? months[to - 1] : months.slice(from, to).reduce((all, one) => all + one, 0);
              const months_of = balance ? [to - 1] : Array.from({length: to - from}, (_, place) => to - 1 - place);
              return h(
                "td",
                {title: written(value, "money", true)},
                number_button(amount(value), say(name), parts_of(lines, months_of)),
              );
            }),
          );
        }),
      ),
    ]),
  ];
};

// Key figures, customers, assumptions, ownership

const figures = () => {
  const topics = [...new Set(shown.figures.map(one => one.topic))];
  return topics.flatMap(topic => [
    h("h3", {}, say(topic[0].toUpperCase() + topic.slice(1))),
    table(
      [say("Figure"), say("Value"), say("Definition")],
      shown.figures
        .filter(one => one.topic === topic)
        .map(figure => {
          const {value, why, sent} = figure_of(figure),
            text = value === null ? "–" : written(value, figure.unit),
            stale = sent && is_changed();
          return h(
            "tr",
            {class: stale ? "sent-only" : ""},
            h("td", {class: "words"}, say(figure.title), figure.variant ? ` (${say(figure.variant)})` : ""),
            h(
              "td",
              {},
              figure.line ? number_button(text, say(figure.title), [[figure.line, shown.months - 1, 0]]) : text,
              stale ? ` (${say("as sent")})` : "",
            ),
            h(
              "td",
              {class: "words small"},
              why ? `${why} ` : "",
              say(figure.says),
              figure.source ? ` ${figure.source}` : "",
            ),
          );
        }),
    ),
  ]);
};

// Lines of a plan of which a reader of customers asks.
const BY_PLAN = [
  "customers",
  "new_customers",
  "churned_customers",
  "mrr",
  "plan_revenue",
  "customer_inference",
  "plan_margin",
];
const customers = () => {
  const plans = shown.members.plan ?? [],
    last = shown.months - 1;
  if (!plans.length) return [h("p", {}, say("This plan has no pricing plans."))];
  return [
    h("p", {class: "small"}, say("In {month}.", {month: month_name(last)})),
    table(
      [say("Line"), ...plans],
      BY_PLAN.filter(name => shown.lines[name]).map(name =>
        h(
          "tr",
          {},
          h("td", {class: "words"}, say(shown.lines[name].title)),
          plans.map((_, member) =>
            h(
              "td",
              {},
              number_button(
                written(plan.number(name, last, member), shown.lines[name].unit),
                say(shown.lines[name].title),
                [[name, last, member]],
              ),
            ),
          ),
        ),
      ),
    ),
  ];
};

const assumptions = () => {
  const search = h("input", {
    type: "search",
    "aria-label": say("Search"),
    placeholder: say("Search"),
    value: state.search,
    oninput: event => {
      state.search = event.target.value;
      fill("found", assumed_table());
    },
  });
  return [h("p", {}, search), h("div", {id: "found"}, assumed_table())];
};
const is_found = ([path, about]) =>
  !about.default &&
  `${name_of(path)} ${path} ${about.source ?? ""} ${say(about.evidence)}`
    .toLowerCase()
    .includes(state.search.toLowerCase());
const assumed_table = () =>
  table(
    [say("Assumption"), say("Value"), say("Unit"), say("Evidence"), say("Source")],
    Object.entries(shown.about)
      .filter(is_found)
      .map(([path, about]) =>
        h(
          "tr",
          {},
          h("td", {class: "words"}, name_of(path)),
          h("td", {}, value_of(path)),
          h("td", {class: "words"}, about.unit === "month index" ? "" : spoken(about.unit)),
          h("td", {class: "words"}, say(about.evidence)),
          h(
            "td",
            {class: "words small"},
            [about.source, about.as_of, about.note].filter(one => one).join(" · "),
            comments_on(path),
          ),
        ),
      ),
  );
/** A field with the first level of an assumption, and what was sent where it was changed. */
const value_of = path => {
  const {unit} = shown.about[path],
    scale = scale_of(path),
    level = level_of(path);
  const field = h("input", {
    type: "number",
    step: "any",
    "aria-label": name_of(path),
    value: tidy(level * scale),
    onchange: event => move(path, event.target.valueAsNumber / scale),
  });
  return [
    field,
    unit === "share" ? " %" : unit === "month index" ? ` ${written(level, unit)}` : "",
    path in state.levels ? h("span", {class: "changed"}, ` ${say("sent")}: ${tidy(sent_level(path) * scale)}`) : "",
  ];
};

const ownership = () => {
  const {tables, why, exit} = shown.sent.captable;
  const note = is_changed() ? [h("p", {class: "changed"}, say("As sent: shares are not computed anew."))] : [];
  if (!tables) return [...note, h("p", {}, why)];
  const holders = [...new Set(tables.flatMap(one => Object.keys(one.ownership)))];
  return [
    ...note,
    table(
      [say("Holder"), ...tables.map(one => one.event)],
      holders.map(holder =>
        h(
          "tr",
          {},
          h("td", {class: "words"}, holder),
          tables.map(one =>
            h("td", {}, Object.hasOwn(one.ownership, holder) ? written(one.ownership[holder], "share") : ""),
          ),
        ),
      ),
    ),
    ...(exit
      ? [
          h("h3", {}, say("A sale in the last month for {value}", {value: written(exit.value, "money")})),
          table(
            [say("Holder"), say("Paid")],
            Object.entries(exit.payouts).map(([holder, amount]) =>
              h("tr", {}, h("td", {class: "words"}, holder), h("td", {}, written(amount, "money"))),
            ),
          ),
        ]
      : []),
  ];
};
