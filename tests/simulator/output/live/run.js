// Reads a live file's script and data, and answers what the plan comes to under some changes.
// node run.js SCRIPT SENT ASKED: the months in which figures are wanted, since each takes its time; and requests, which
// have levels by path, what-ifs by place, and a number of trials.
const {readFileSync} = require("fs");
const [script, sent, asked] = process.argv.slice(2).map(file => readFileSync(file, "utf8"));
const {Plan, Undefined, program, run_trials} = new Function(
  script + "\nreturn {Plan, Undefined, program, run_trials};",
)();
const shown = JSON.parse(sent),
  wanted = JSON.parse(asked),
  plan = new Plan(program, shown.plan);
const numbers = array => Array.from(array, one => (Number.isFinite(one) ? one : null));

/** A traced figure in the months that are wanted, or the reason why it has no value. */
const figure = (name, member) =>
  wanted.months.map(month => {
    try {
      const value = plan.base.measure(name, month + 1, member);
      return Number.isFinite(value) ? value : null;
    } catch (error) {
      if (!(error instanceof Undefined)) throw error;
      return error.message;
    }
  });
const answers = wanted.requests.map(({levels, whatifs, trials}) => {
  plan.change(levels, Object.assign({}, ...whatifs.map(place => shown.whatifs[place].values)));
  const steady = name => plan.base.steady.has(name);
  const lines = Object.fromEntries(
    plan.names.map(name => {
      const array = plan.base.lines[name],
        count = array.length / (shown.months + 1);
      return [name, numbers(steady(name) ? array : array.subarray(count))];
    }),
  );
  const figures = Object.fromEntries(
    Object.entries(shown.lines)
      .filter(([name]) => name.startsWith("kpi_"))
      .map(([name, line]) => [name, (shown.members[line.per] ?? [""]).map((_, member) => figure(name, member))]),
  );
  const needed = shown.needed.filter(name => plan.base.lines[name]);
  return {lines, figures, trials: trials ? run_trials(plan, {...shown, needed}, trials, () => {}) : null};
});
console.log(JSON.stringify(answers));
