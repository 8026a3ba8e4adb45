// Moves each assumption of a live file in turn, and prints those after which a line is not what all of them computed anew give.
// node moves.js SCRIPT SENT
const {readFileSync} = require("fs");
const [script, sent] = process.argv.slice(2).map(file => readFileSync(file, "utf8"));
const {Plan, first_level, program} = new Function(script + "\nreturn {Plan, first_level, program};")();
const {plan: data, months} = JSON.parse(sent),
  plan = new Plan(program, data).change({});
const same = (one, other) => one.every((value, place) => Object.is(value, other[place]));

const moves = Object.entries(data.values).map(([path, value]) => {
  plan.change({[path]: first_level(value, months) * 1.1 || 0.1});
  const found = Object.entries(plan.base.lines).map(([name, array]) => [name, array.slice()]);
  plan.base.run(plan.names);
  return [path, found.filter(([name, array]) => !same(array, plan.base.lines[name])).map(([name]) => name)];
});
console.log(JSON.stringify({moved: moves.length, wrong: moves.filter(([, lines]) => lines.length)}));
