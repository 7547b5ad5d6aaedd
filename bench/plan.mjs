// The cost of a mirror in a bucket with nothing to do: time, and memory as the number of images grows.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureInTurns } from './measuring/measure.mjs';
import { programPath } from './measuring/program.mjs';
import { medianOf, peakMebibytes, printComparison, wallMs } from './measuring/report.mjs';

const counts = [1000, 10_000, 100_000];

/** MiB that the largest number of images may take beyond the smallest. */
const goals = { list: 60, 'mirror -n': 30 };

/** @param {import('./run.mjs').Settings} settings */
export async function benchPlan({ runs, directory }) {
  /** By number of images and by peer. @type {Map<string, number>[]} */
  const peaks = [];
  for (const count of counts) peaks.push(await measurePlan(count, runs ?? 3, directory));
  const lines = Object.entries(goals).map(([name, goal]) => {
    const growth = (peaks.at(-1)?.get(name) ?? Number.NaN) - (peaks[0]?.get(name) ?? Number.NaN);
    return `  ${name}: ${growth.toFixed(0)} MiB, the goal is ${String(goal)}\n`;
  });
  process.stdout.write(
    `\ngrowth from ${String(counts[0])} images to ${String(counts.at(-1))}, of medians\n${lines.join('')}`,
  );
}

/**
 * @param {number} count of images
 * @param {number} runs
 * @param {string} directory
 * @returns {Promise<Map<string, number>>} the median of the peaks by peer, MiB; none where they are not known */
async function measurePlan(count, runs, directory) {
  const [cloud, v2] = await start('long-list-server', String(count));
  const listing = join(directory, `list-${String(count)}.ndjson`);
  const cli = [process.execPath, programPath, '--endpoint', v2, '--progress', 'none'];
  const list = { name: 'list', command: [...cli, 'list', '-f', 'ndjson'] };
  await measureInTurns([{ ...list, check: (text) => writeFileSync(listing, text) }], 0, directory);
  const [store, endpoint] = await start('bucket-list-server', listing);
  const options = ['--s3-endpoint', endpoint, '-f', 'json'];
  const env = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench-bench-bench', AWS_REGION: 'us-east-1' };
  const expectNothing = (/** @type {string} */ output) => {
    if (output.trim() !== '[]') throw new Error(`there was something to do: ${output.slice(0, 500)}`);
  };
  try {
    const peers = [
      { ...list, drain: true },
      { name: 'mirror', command: [...cli, 'mirror', 's3://images', ...options], env, check: expectNothing },
      { name: 'mirror -n', command: [...cli, 'mirror', 's3://images', '-n', ...options], env, check: expectNothing },
    ];
    const results = await measureInTurns(peers, runs, directory);
    const title = `${String(count)} images in a bucket, all as they were`;
    printComparison(`${title}, wall ms`, results, wallMs);
    printComparison(`${title}, peak resident memory, MiB`, results, peakMebibytes);
    return new Map(peers.map(({ name }) => [name, medianOf(results, name, peakMebibytes)]));
  } finally {
    for (const server of [cloud, store]) server.stdin?.end();
  }
}

/**
 * @param {string} name of a module in servers/
 * @param {string} argument
 * @returns {Promise<[import('node:child_process').ChildProcess, string]>} the server, and its URL
 */
async function start(name, argument) {
  const path = fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url));
  const server = spawn(process.execPath, [path, argument], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout, 'data');
  return [server, String(line).trim()];
}
