// npm's own answers: `semver`, asked as npm asks it.
const fs = require("node:fs");
const [, , questions, answers, home] = process.argv;
const semver = require(`${home}/node_modules/semver`);

const loose = { loose: true };

function canonical(text) {
  const read = semver.parse(text);
  const build = read?.build.length ? `+${read.build.join(".")}` : "";
  return read && read.version + build;
}

const given = {
  version: canonical,
  order: (a, b) => (semver.valid(a) && semver.valid(b) ? semver.compareBuild(a, b) : null),
  requirement: (text) =>
    semver.validRange(text) !== null || (semver.validRange(text, loose) !== null && "loosely"),
  admits: (text, version) =>
    semver.valid(version) && semver.validRange(text, loose) !== null
      ? semver.satisfies(version, text, loose)
      : null,
};

const lines = fs.readFileSync(questions, "utf8").split("\n").filter(Boolean);
const said = lines.map((line) => {
  const [word, ...texts] = JSON.parse(line);
  return JSON.stringify(given[word](...texts));
});
fs.writeFileSync(answers, said.join("\n") + "\n");
