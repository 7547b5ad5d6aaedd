// `node bench/fleet-plan.mjs [RUNS]`, after `npm run build`: how long the program takes to plan 1,000 and 100,000 images into a real
// Redis, how much more memory it takes for the larger number, and that a second plan adds nothing. Needs redis-server.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listen } from './servers/listen.mjs';
import { measureInTurns } from './measuring/measure.mjs';
import { programPath } from './measuring/program.mjs';
import { medianOf, peakMebibytes, printComparison, wallMs } from './measuring/report.mjs';

const runs = Number(process.argv[2] ?? 1);
const directory = mkdtempSync(join(tmpdir(), 'glance-cli-plan-'));

const free = createServer();
const port = String(await listen(free));
free.close();
const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', directory];
const redis = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
for await (const chunk of redis.stdout) if (String(chunk).includes('Ready to accept')) break;

const cli = [programPath, '--progress', 'none', '-f', 'json'];
const queue = ['--queue', `redis://127.0.0.1:${port}`];
const empty = () => void execFileSync('redis-cli', ['-p', port, 'flushall']);

/** @param {number} count of images @returns {Promise<number>} the median of the peaks of the first plan, MiB */
async function measurePlans(count) {
  const list = fileURLToPath(new URL('servers/long-list-server.mjs', import.meta.url));
  const glance = spawn(process.execPath, [list, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(glance.stdout, 'data');
  const planning = ['--endpoint', String(line).trim(), 'mirror', join(directory, 'm'), ...queue, '--detach'];
  const command = [process.execPath, ...cli, ...planning];
  const check = () => {
    const text = execFileSync(process.execPath, [...cli, 'queue', ...queue], { encoding: 'utf8' });
    /** @type {{ waiting: number }} */
    const { waiting } = JSON.parse(text);
    if (waiting !== count) throw new Error(`${String(waiting)} jobs wait, not ${String(count)}`);
  };
  const peers = [
    { name: 'first plan', command, prepare: empty, check },
    { name: 'second plan', command, check },
  ];
  try {
    const results = await measureInTurns(peers, runs, directory);
    printComparison(`${String(count)} images, wall ms`, results, wallMs);
    printComparison(`${String(count)} images, peak resident memory, MiB`, results, peakMebibytes);
    return medianOf(results, 'first plan', peakMebibytes);
  } finally {
    glance.stdin.end();
  }
}

try {
  const [few, many] = [await measurePlans(1000), await measurePlans(100_000)];
  process.stdout.write(
    `\ngrowth from 1000 images to 100000, of medians of the first plan: ${(many - few).toFixed(0)} MiB\n`,
  );
} finally {
  redis.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}
