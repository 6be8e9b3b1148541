// Writes docs/fidelity.md out of what the conformance suites measured: `fidelity.mjs FOLDER PAGE`, where the folder has
// vitest's JSON reports (tests*.json) and the rows of each driver (driver-*.json). `npm run verify:fidelity` runs both.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder, page] = process.argv;
const files = (pattern) =>
  readdirSync(folder)
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));

const drivers = files(/^driver-.*\.json$/);
const tests = files(/^tests.*\.json$/).flatMap(({ testResults }) =>
  testResults.flatMap(({ assertionResults }) => assertionResults),
);
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function driverTable() {
  const titles = [...new Set(drivers.flatMap(({ rows }) => rows.map(({ title }) => title)))];
  const find = (driver, title) => driver.rows.find((row) => row.title === title);
  const rows = titles.map((title) => {
    const expected = drivers.map((driver) => find(driver, title)?.expected).find((text) => text !== undefined);
    const measured = drivers.map((driver) => {
      const row = find(driver, title);
      if (!row) return 'not run';
      return row.measured === expected ? 'the same' : row.measured;
    });
    return [title, expected, ...measured];
  });
  return table(['behaviour', 'expected', ...drivers.map(({ name }) => name)], rows);
}

function lokiTable() {
  const suite = ({ ancestorTitles }) => ancestorTitles.find((title) => /\(Loki .*\)$/.test(title));
  const ran = tests.filter((test) => suite(test));
  const suites = [...new Set(ran.map(suite))].sort();
  const titles = [...new Set(ran.map(({ title }) => title))];
  const status = { passed: 'passes', failed: '**fails**' };
  const rows = titles.map((title) => [
    title,
    ...suites.map((name) => {
      const test = ran.find((each) => each.title === title && suite(each) === name);
      return test ? (status[test.status] ?? 'skipped') : 'not of this version';
    }),
  ]);
  return table(['behaviour', ...suites], rows);
}

const text = readFileSync(page, 'utf8');
const put = (whole, name, body) =>
  whole.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end of ${name} -->)`),
    (_, begin, end) => `${begin}${body}\n${end}`,
  );
writeFileSync(page, put(put(text, 'driver', driverTable()), 'loki', lokiTable()));
console.log(
  `${page}: ${drivers.length} drivers, ${tests.filter(({ status }) => status === 'failed').length} failed tests`,
);
