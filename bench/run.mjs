// `npm run bench -- [startup|download|contents|memory|mirror|plan|upload|serve|openstack …] [options]`: measures whole processes and prints what it measured.
// Nothing here passes or fails by speed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchContents } from './contents.mjs';
import { benchDownload } from './download.mjs';
import { describeMachine } from './measuring/machine.mjs';
import { benchMemory } from './memory.mjs';
import { benchMirror } from './mirror.mjs';
import { benchOpenStack } from './openstack.mjs';
import { benchPlan } from './plan.mjs';
import { benchServe } from './serve.mjs';
import { benchStartup } from './startup.mjs';
import { benchUpload } from './upload.mjs';
import { parseBytes } from './measuring/units.mjs';

const usage = `usage: node bench/run.mjs [startup] [download] [contents] [memory] [mirror] [plan] [upload] [serve] [openstack] [options]   (all if none is named)
  --runs N      measured runs of each peer, after one that does not count (default: startup 20, download 5, contents 5, memory 3, mirror 3, plan 3, upload 5, serve 5, openstack 10)
  --size SIZE   of the image in download, contents, upload and serve (default: 256M); takes K, M, G
  --dir DIR     where downloads are written (default: the directory for temporary files)
  --stdout      memory: download to a pipe that is drained, instead of a file
`;

/**
 * @typedef {object} Settings
 * @property {number | undefined} runs measured runs of each peer, ≥ 1
 * @property {number} size bytes of the image in `download`, `contents`, `upload` and `serve`
 * @property {boolean} stdout whether `memory` downloads to a pipe
 * @property {string} directory an empty directory for everything that is written, removed afterwards
 */

/** @type {Readonly<Record<string, (settings: Settings) => Promise<void>>>} */
const benches = {
  startup: benchStartup,
  download: benchDownload,
  contents: benchContents,
  memory: benchMemory,
  mirror: benchMirror,
  plan: benchPlan,
  upload: benchUpload,
  serve: benchServe,
  openstack: benchOpenStack,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    size: { type: 'string', default: '256M' },
    dir: { type: 'string', default: tmpdir() },
    stdout: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const runs = values.runs === undefined ? undefined : Number(values.runs);
const isWrong = positionals.some((name) => !Object.hasOwn(benches, name)) || !(runs === undefined || runs >= 1);
if (values.help || isWrong) {
  (isWrong ? process.stderr : process.stdout).write(usage);
  process.exitCode = isWrong ? 2 : 0;
} else {
  const directory = mkdtempSync(join(values.dir, 'glance-cli-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.stdout.write(describeMachine(directory));
  const settings = { runs, size: parseBytes(values.size), stdout: values.stdout, directory };
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    await benches[name]?.(settings);
  }
}
