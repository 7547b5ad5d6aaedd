// `npm run bench:faults -- [--clients a,b] [--rows text] [--json FILE] [--watch SECONDS]`: how clients handle single faults.
// Prints a Markdown table; exits with 1 if ours is wrong in any row. Everything is on the loopback interface.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clients, versionOf } from './faults/clients.mjs';
import { outcomeOf } from './faults/outcome.mjs';
import { rows } from './faults/rows.mjs';

const { values } = parseArgs({
  options: {
    clients: { type: 'string' },
    rows: { type: 'string' },
    json: { type: 'string' },
    watch: { type: 'string', default: '75' },
  },
});
const watchMs = Number(values.watch) * 1000;
const names = values.clients?.split(',');
const wanted = clients.filter(({ name }) => names === undefined || names.includes(name));
const installed = wanted
  .map((client) => ({ client, version: versionOf(client) }))
  .filter(({ version }) => version !== null);
const missing = wanted.filter((client) => !installed.some((each) => each.client === client));
const chosen = rows.filter(({ name }) => values.rows === undefined || name.includes(values.rows));

const root = mkdtempSync(join(tmpdir(), 'glance-cli-faults-'));
/** @type {string[]} */
const wrong = [];
/** @type {{ fault: string, outcomes: readonly string[] }[]} */
const table = [];
const ourPlace = installed.findIndex(({ client }) => client.name === 'glance-cli');
try {
  for (const row of chosen) {
    const measure = (/** @type {typeof installed[number]} */ { client }) =>
      outcomeOf(client, row, { directory: mkdtempSync(join(root, 'run-')), watchMs });
    /** @type {string[]} */
    let outcomes = [];
    // Only rows that wait can run in parallel.
    if (row.slow) outcomes = await Promise.all(installed.map(measure));
    else for (const each of installed) outcomes.push(await measure(each));
    const ours = outcomes[ourPlace];
    if (ours !== undefined && !row.must.test(ours) && !ours.startsWith('skipped')) wrong.push(`${row.name}: ${ours}`);
    table.push({ fault: row.name, outcomes });
    process.stderr.write(`${row.name}: ${outcomes.join(' | ')}\n`);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

const heading = installed.map(({ client, version }) => `${client.name} ${version}`);
const lines = [
  ['Fault', ...heading],
  ['---', ...heading.map(() => '---')],
  ...table.map(({ fault, outcomes }) => [fault, ...outcomes]),
];
process.stdout.write(`${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
if (missing.length > 0) process.stdout.write(`\nNot installed: ${missing.map(({ name }) => name).join(', ')}\n`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ clients: heading, rows: table }, null, 2));
for (const each of wrong) process.stderr.write(`WRONG: ${each}\n`);
if (wrong.length > 0) process.exitCode = 1;
