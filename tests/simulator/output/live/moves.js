// Moves each assumption of a live file in turn, and prints those after which a line is not what all computed anew give.
// node moves.js SCRIPT SENT
const {readFileSync} = require("fs");
const [script, sent] = process.argv.slice(2).map(file => readFileSync(file, "utf8"));
const {Plan, first_level, program} = new Function(script + "\nreturn {Plan, first_level, program};")();
const {plan: data, months} = JSON.parse(sent),
  plan = new Plan(program, data).change({});
const same = (one, other) => one.every((value, place) => Object.is(value, other[place]));

// What an assumption moves is told by its name, so all members move at once.
const named = {};
for (const path of Object.keys(data.values)) (named[path.split(".").at(-1)] ??= []).push(path);
const moves = Object.entries(named).map(([name, paths]) => {
  plan.change(Object.fromEntries(paths.map(path => [path, first_level(data.values[path], months) * 1.1 || 0.1])));
  const found = Object.entries(plan.base.lines).map(([line, array]) => [line, array.slice()]);
  plan.base.run(plan.names);
  return [name, found.filter(([line, array]) => !same(array, plan.base.lines[line])).map(([line]) => line)];
});
console.log(JSON.stringify({moved: moves.map(([name]) => name), wrong: moves.filter(([, lines]) => lines.length)}));
