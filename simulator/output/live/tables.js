// Tables of the plan as it stands, and the explanation of any number.

/** A number that opens the explanation of its parts, each a line or figure with a month and a member. */
const number_button = (text, title, parts) => h("button", {class: "number", onclick: () => explain(title, parts)}, text);
/** Every member of some lines in some months. */
const parts_of = (names, months) => names.flatMap(name => months.flatMap(month =>
  Array.from({length: count_of(name)}, (_, member) => [name, month, member])));
/** A whole amount of money in a column of them. */
const amount = value => format(Math.abs(value) < 0.5 ? 0 : value, {maximumFractionDigits: 0});
const table = (head, rows) => h("div", {class: "wide", tabindex: 0, role: "region", "aria-label": head[0]}, h("table", {},
  h("thead", {}, h("tr", {}, head.map((text, place) => h("th", {scope: "col", class: place ? "" : "words"}, text)))), h("tbody", {}, rows)));

// Statements

/** The first month of each fiscal period, and the one after the last. */
const periods = () => {
  const length = {month: 1, quarter: 3, year: 12}[state.period], first = shown.fiscal % length || length, starts = [0];
  for (let month = first; month < shown.months; month += length) starts.push(month);
  return [...starts, shown.months];
};
const statements = () => {
  const starts = periods(), spans = starts.slice(0, -1).map((from, place) => [from, starts[place + 1]]);
  const head = spans.map(([from, to]) => to - from > 1 ? `${month_name(from, true)} – ${month_name(to - 1, true)}` : month_name(from, true));
  const choice = h("select", {"aria-label": say("Period"), onchange: event => { state.period = event.target.value; page(); }},
    Object.entries({month: say("Months"), quarter: say("Quarters"), year: say("Years")}).map(([value, text]) =>
      h("option", {value, selected: state.period === value}, text)));
  return [h("p", {}, choice), ...shown.statements.flatMap(({title, balance, rows}) => [
    h("h3", {}, say(title)),
    table([`${say(title)}, ${shown.currency}`, ...head], rows.map(([name, total, lines]) => {
      const months = lines.map(line => plan.total(line)).reduce((all, one) => all.map((value, month) => value + one[month]));
      return h("tr", {class: total ? "total" : ""}, h("td", {class: "words"}, say(name)), spans.map(([from, to]) => {
        const value = balance ? months[to - 1] : months.slice(from, to).reduce((all, one) => all + one, 0);
        const months_of = balance ? [to - 1] : Array.from({length: to - from}, (_, place) => to - 1 - place);
        return h("td", {title: written(value, "money", true)}, number_button(amount(value), say(name), parts_of(lines, months_of)));
      }));
    }))])];
};

// Key figures, customers, assumptions, ownership

const figures = () => {
  const topics = [...new Set(shown.figures.map(one => one.topic))];
  return topics.flatMap(topic => [h("h3", {}, say(topic[0].toUpperCase() + topic.slice(1))), table([say("Figure"), say("Value"), say("Definition")],
    shown.figures.filter(one => one.topic === topic).map(figure => {
      const {value, why, sent} = figure_of(figure), text = value === null ? "–" : written(value, figure.unit), stale = sent && is_changed();
      return h("tr", {class: stale ? "sent-only" : ""},
        h("td", {class: "words"}, say(figure.title), figure.variant ? ` (${say(figure.variant)})` : ""),
        h("td", {}, figure.line ? number_button(text, say(figure.title), [[figure.line, shown.months - 1, 0]]) : text, stale ? ` (${say("as sent")})` : ""),
        h("td", {class: "words small"}, why ? `${why} ` : "", say(figure.says), figure.source ? ` ${figure.source}` : ""));
    }))]);
};

// Lines of a plan of which a reader of customers asks.
const BY_PLAN = ["customers", "new_customers", "churned_customers", "mrr", "plan_revenue", "customer_inference", "plan_margin"];
const customers = () => {
  const plans = shown.members.plan ?? [], last = shown.months - 1;
  if (!plans.length) return [h("p", {}, say("This plan has no pricing plans."))];
  return [h("p", {class: "small"}, say("In {month}.", {month: month_name(last)})), table([say("Line"), ...plans], BY_PLAN.filter(name => shown.lines[name]).map(name =>
    h("tr", {}, h("td", {class: "words"}, say(shown.lines[name].title)),
      plans.map((_, member) => h("td", {}, number_button(written(plan.number(name, last, member), shown.lines[name].unit), say(shown.lines[name].title), [[name, last, member]]))))))];
};

const assumptions = () => {
  const search = h("input", {type: "search", "aria-label": say("Search"), placeholder: say("Search"), value: state.search,
    oninput: event => { state.search = event.target.value; fill("found", assumed_table()); }});
  return [h("p", {}, search), h("div", {id: "found"}, assumed_table())];
};
const is_found = ([path, about]) => !about.default
  && `${name_of(path)} ${path} ${about.source ?? ""} ${say(about.evidence)}`.toLowerCase().includes(state.search.toLowerCase());
const assumed_table = () => table([say("Assumption"), say("Value"), say("Unit"), say("Evidence"), say("Source")], Object.entries(shown.about).filter(is_found).map(([path, about]) =>
  h("tr", {}, h("td", {class: "words"}, name_of(path)), h("td", {}, value_of(path)), h("td", {class: "words"}, about.unit),
    h("td", {class: "words"}, say(about.evidence)),
    h("td", {class: "words small"}, [about.source, about.as_of, about.note].filter(one => one).join(" · ")))));
/** A field with the first level of an assumption, and what was sent where it was changed. */
const value_of = path => {
  const {unit} = shown.about[path], scale = scale_of(path), level = state.levels[path] ?? sent_level(path);
  const field = h("input", {type: "number", step: "any", "aria-label": name_of(path), value: tidy(level * scale),
    onchange: event => Number.isFinite(event.target.valueAsNumber) && move(path, event.target.valueAsNumber / scale)});
  return [field, unit === "share" ? " %" : "", path in state.levels ? h("span", {class: "changed"}, ` ${say("sent")}: ${tidy(sent_level(path) * scale)}`) : ""];
};

const ownership = () => {
  const {tables, why, exit} = shown.sent.captable;
  const note = is_changed() ? [h("p", {class: "changed"}, say("As sent: shares are not computed anew."))] : [];
  if (!tables) return [...note, h("p", {}, why)];
  const holders = [...new Set(tables.flatMap(one => Object.keys(one.ownership)))];
  return [...note, table([say("Holder"), ...tables.map(one => one.event)], holders.map(holder =>
    h("tr", {}, h("td", {class: "words"}, holder), tables.map(one => h("td", {}, one.ownership[holder] === undefined ? "" : written(one.ownership[holder], "share")))))),
    ...(exit ? [h("h3", {}, say("A sale in the last month for {value}", {value: written(exit.value, "money")})),
      table([say("Holder"), say("Paid")], Object.entries(exit.payouts).map(([holder, amount]) =>
        h("tr", {}, h("td", {class: "words"}, holder), h("td", {}, written(amount, "money")))))] : [])];
};

// The explanation of a number: its formula and what it reads, down to assumptions.

/** Opens the explanation of the numbers that add up to one. */
const explain = (title, parts) => {
  const dialog = document.getElementById("explain"), known = parts.filter(([name]) => shown.lines[name]);
  const missing = say("This figure has no formula that could be followed here; its value is the one sent.");
  const body = parts.length && !known.length ? [h("p", {}, missing)] : parts.length === 1 ? [node(...parts[0], true)]
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
  const found = row === undefined ? (where === "k" ? member : Number(where)) : tables[table_name][row === "k]" ? member : 0];
  return Array.isArray(found) ? found : [found];
};
/** The months that a parameter reads, the latest first. */
const months_read = (when, month) => {
  if (when === "last") return [month - 1];
  if (when === "first") return [0];
  if (when === "past") return Array.from({length: month + 1}, (_, back) => month - back);
  const window = shown.windows[when];
  return window ? span(month + 1, window.length ?? month + 1, window.back, window.whole).map(row => row - 1).reverse() : [month];
};

const value_at = (name, month, member) => {
  if (name === "month") return month;
  if (month < 0) return plan.number(`opening_${name}`, 0, member);
  if (plan.base.lines[name] || plan.sent.inputs[name]) return plan.number(name, month, member);
  try { return plan.base.measure(name, month + 1, member); } catch (error) { if (!(error instanceof Undefined)) throw error; return NaN; }
};

/** A number with its formula; what it reads opens in turn. */
const node = (name, month, member, open = false) => {
  const line = shown.lines[name];
  if (!line || month < 0) return leaf(month < 0 ? `opening_${name}` : name, month, member);
  const label = shown.members[line.per]?.[member], value = value_at(name, month, member);
  const summary = h("summary", {}, `${say(line.title)}${label ? ` · ${label}` : ""}, ${month_name(month)}: `, h("b", {}, written(value, line.unit)));
  const details = h("details", {open}, summary);
  const inner = () => {
    if (details.childElementCount > 1) return;
    details.append(h("p", {class: "small"}, say(line.says)), h("p", {}, h("code", {}, line.formula)),
      h("div", {class: "reads"}, line.reads.map(read => inputs(read, line, month, member))));
  };
  details.addEventListener("toggle", () => details.open && inner());
  if (open) inner();
  return details;
};
const inputs = ([parameter, sources, when, , wheres], line, month, member) => {
  const parts = sources.flatMap((source, place) => source === "month" ? [] : months_read(when, month).flatMap(at =>
    places(wheres[place], member, count_of(source)).map(k => [source, at, k])));
  if (!parts.length) return h("p", {class: "small"}, `${parameter.replaceAll("_", " ")}: ${sources.includes("month") ? month : 0}`);
  if (parts.length === 1) return h("div", {class: "read"}, node(...parts[0]));
  const named = parameter.replaceAll("_", " "), unit = shown.lines[parts[0][0]]?.unit ?? "1", sum = parts.reduce((all, part) => all + value_at(...part), 0);
  // Numbers of several months may be balances, which do not add up.
  const text = months_read(when, month).length > 1 ? say("{count} numbers, the latest {value}", {count: parts.length, value: written(value_at(...parts[0]), unit)})
    : say("{count} numbers, together {value}", {count: parts.length, value: written(sum, unit)});
  const many = h("details", {}, h("summary", {}, `${named}: ${text}`));
  many.addEventListener("toggle", () => many.open && many.childElementCount < 2 && many.append(...several(parts)));
  return many;
};
const count_of = name => !shown.lines[name] && !plan.sent.inputs[name] ? 0 : plan.sent.inputs[name]?.of.length ?? (plan.base.lines[name] ? plan.base.lines[name].length / (plan.base.steady.has(name) ? 1 : shown.months + 1)
  : (shown.members[shown.lines[name].per] ?? [""]).length);

/** An assumption with its source and evidence, and what was sent where it was changed. */
const leaf = (name, month, member) => {
  const path = plan.sent.inputs[name]?.of[member] ?? name, about = shown.about[path];
  if (!about) return h("p", {}, `${name.replaceAll("_", " ")}: ${written(value_at(name, Math.max(month, 0), member), "1")}`);
  const level = plan.number(name, Math.max(month, 0), member), origin = [say(about.evidence), about.source, about.as_of, about.note].filter(one => one);
  return h("p", {}, `${name_of(path)}: `, h("b", {}, written(level, about.unit)), h("br"), h("span", {class: "small"}, origin.join(" · ")),
    path in state.levels ? h("span", {class: "changed"}, ` ${say("sent")}: ${written(sent_level(path), about.unit)}`) : "");
};

// The whole page

const PAGES = {statements, figures, customers, assumptions, ownership};
const page_titles = () => ({statements: say("Statements"), figures: say("Key figures"), customers: say("Customers"),
  assumptions: say("Assumptions"), ownership: say("Ownership")});

const page = () => {
  fill("pages", Object.entries(page_titles()).map(([name, title]) => h("button", {role: "tab", "aria-selected": String(state.page === name),
    onclick: () => { state.page = name; page(); }}, title)));
  fill("page", PAGES[state.page]());
};
/** What a move of a lever changes; the table below follows when the reader pauses. */
const update = () => {
  plan.change(...changes());
  fill("tiles", HEADLINES.flatMap(tile));
  fill("charts", chart("cash"), chart("revenue"));
  told();
  document.getElementById("back").disabled = !is_changed();
  clearTimeout(state.later);
  state.later = setTimeout(page, 150);
};
/** The verdict and the trials, which stay as they are from move to move. */
const told = () => {
  const now = `${is_changed()} ${state.trials?.chances} ${state.worker !== null}`;
  if (state.told !== now) fill("verdict", verdict());
  state.told = now;
};
const draw = () => {
  state.told = "";
  document.documentElement.lang = state.language === "zh" ? "zh-Hans" : "en";
  const title = h("div", {}, h("h1", {}, shown.title), h("p", {class: "small"}, [shown.description, say("Amounts in {currency}, {months} months from {start}.",
    {currency: shown.currency, months: shown.months, start: month_name(0)})].filter(one => one).join(" ")));
  const back = h("button", {id: "back", onclick: () => { state.levels = {}; state.whatifs.clear(); stop(); draw(); }}, say("Back to what was sent"));
  const language = h("button", {lang: state.language === "zh" ? "en" : "zh-Hans", onclick: () => { state.language = state.language === "zh" ? "en" : "zh"; draw(); }},
    state.language === "zh" ? "English" : "简体中文");
  const proof = h("p", {class: "small"}, say("Numbers {numbers}, file {bytes}. Compare them with what the sender tells you. This file holds every formula and works without a network.",
    {numbers: shown.hash, bytes: state.fingerprint ?? "…"}));
  document.getElementById("live").replaceChildren(h("header", {}, title, h("div", {}, back, " ", language)),
    h("div", {class: "play"}, h("div", {class: "levers"}, h("h2", {}, say("Levers")), ...levers(), ...whatifs()),
      h("div", {}, h("div", {id: "tiles", class: "tiles"}), h("div", {id: "charts", class: "charts"}), h("div", {id: "verdict"}))),
    h("div", {id: "pages", class: "tabs", role: "tablist", "aria-label": say("Tables")}), h("div", {id: "page"}), proof);
  update();
  page();
};

/** The first digits of the hash of what this file computes with, which anyone can compare. */
const fingerprint = async () => {
  const bytes = new TextEncoder().encode(document.getElementById("sent").textContent + script);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].slice(0, 6).map(byte => byte.toString(16).padStart(2, "0")).join("");
};

/** What page.py wrote: JSON, compressed, as text. */
const unpacked = async text => {
  const bytes = Uint8Array.from(atob(text), one => one.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
};
const open_page = async () => {
  shown = await unpacked(document.getElementById("sent").textContent);
  state.language = navigator.language.startsWith("zh") ? "zh" : "en";
  state.fingerprint = await fingerprint();
  plan = new Plan(program, shown.plan).change({});
  sent_lines = {cash: plan.total("cash"), revenue: plan.total("revenue")};
  draw();
};
if (typeof document !== "undefined") open_page();
