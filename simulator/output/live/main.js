// The whole page

const PAGES = {statements, figures, customers, assumptions, ownership};
const page_titles = () => ({
  statements: say("Statements"),
  figures: say("Key figures"),
  customers: say("Customers"),
  assumptions: say("Assumptions"),
  ownership: say("Ownership"),
});

/** Draws anew, and gives the focus back to the button or field that had it. */
const with_focus = draw_anew => {
  const active = document.activeElement;
  const box = active?.closest("#pages, #page");
  const named = element => element.getAttribute("aria-label") ?? element.textContent;
  const name = box && named(active);
  draw_anew();
  if (box) [...box.querySelectorAll("button, input, select")].find(one => named(one) === name)?.focus();
};
const page = () => with_focus(draw_page);
const draw_page = () => {
  fill("changes", changed());
  fill(
    "pages",
    Object.entries(page_titles()).map(([name, title]) =>
      h(
        "button",
        {
          role: "tab",
          "aria-selected": String(state.page === name),
          onclick: () => {
            state.page = name;
            page();
          },
        },
        title,
      ),
    ),
  );
  fill("page", PAGES[state.page]());
};
/** Draws the figures, the charts and the verdict anew. */
const answer = () => {
  fill("tiles", HEADLINES.flatMap(tile));
  fill("charts", chart("cash"), chart("revenue"));
  told();
};
/** What a move of a lever changes; the table below follows when the reader pauses. */
const update = () => {
  plan.change(...changes());
  answer();
  for (const one of document.querySelectorAll(".lever")) one.dispatchEvent(new Event("moved"));
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
  const title = h(
    "div",
    {},
    h("h1", {}, shown.title),
    h(
      "p",
      {class: "small"},
      [
        shown.description,
        say("Amounts in {currency}, {months} months from {start}.", {
          currency: shown.currency,
          months: shown.months,
          start: month_name(0),
        }),
      ]
        .filter(one => one)
        .join(" "),
    ),
    comments_on(),
  );
  const back = h(
    "button",
    {
      id: "back",
      onclick: () => {
        state.levels = {};
        state.whatifs.clear();
        stop();
        draw();
      },
    },
    say("Back to what was sent"),
  );
  const language = h(
    "button",
    {
      lang: state.language === "zh" ? "en" : "zh-Hans",
      onclick: () => {
        state.language = state.language === "zh" ? "en" : "zh";
        draw();
      },
    },
    state.language === "zh" ? "English" : "简体中文",
  );
  const proof = h(
    "footer",
    {class: "small"},
    h(
      "p",
      {},
      say("Numbers {numbers}, file {file}, this page {page}. Compare them with what the sender tells you.", {
        numbers: shown.hash,
        file: shown.file_hash.slice(0, 12),
        page: state.fingerprint,
      }),
    ),
    h(
      "p",
      {role: state.agrees ? null : "alert", class: state.agrees ? "" : "changed"},
      state.agrees
        ? say("Checked: this page computes the figures that the sender computed.")
        : say("This page does not compute the figures that the sender computed. Ask for it again."),
    ),
  );
  document
    .getElementById("live")
    .replaceChildren(
      h("header", {}, title, h("div", {}, back, " ", language)),
      h("p", {id: "changes", class: "changed"}),
      h(
        "div",
        {class: "play"},
        h("div", {class: "levers"}, h("h2", {}, say("Levers")), ...levers(), ...whatifs()),
        h(
          "div",
          {class: "answers"},
          h("div", {id: "tiles", class: "tiles"}),
          h("div", {id: "charts", class: "charts"}),
          h("div", {id: "verdict"}),
        ),
      ),
      h("div", {id: "pages", class: "tabs", role: "tablist", "aria-label": say("Tables")}),
      h("div", {id: "page"}),
      proof,
    );
  update();
  page();
};

/** The first digits of the hash of what this file computes with, which anyone can compare. */
const fingerprint = async () => {
  if (!crypto.subtle) return "–"; // browsers have it for files and for https alone
  const bytes = new TextEncoder().encode(document.getElementById("sent").textContent + script);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)]
    .slice(0, 6)
    .map(byte => byte.toString(16).padStart(2, "0"))
    .join("");
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
  state.agrees = Object.entries(shown.computed).every(([name, months]) => {
    const scale = Math.max(...months.map(Math.abs), 1);
    return plan.total(name).every((value, month) => Math.abs(value - months[month]) <= 1e-9 * scale);
  });
  draw();
};
if (typeof document !== "undefined") {
  open_page();
  // Paper is as wide as a few years.
  let chosen;
  addEventListener("beforeprint", () => {
    [chosen, state.period] = [state.period, "year"];
    page();
  });
  addEventListener("afterprint", () => {
    state.period = chosen;
    page();
  });
}
