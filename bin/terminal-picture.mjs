#!/usr/bin/env node
// `npm run terminal-picture`: docs/terminal.svg, from what the built program writes to a terminal in a real run, on images that are
// served here. With `-- --check` it writes nothing, and fails if the committed picture shows anything else; figures that are
// measured (seconds, rates, bytes that happened to arrive) may differ. Needs script(1) of util-linux.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeTerminalImages } from './pictures/images.mjs';
import { program, serve } from './pictures/serve.mjs';
import { readScreen } from './pictures/terminal-screen.mjs';
import { renderTerminal } from './pictures/terminal-svg.mjs';

const picture = fileURLToPath(new URL('../docs/terminal.svg', import.meta.url));
const columns = 96;
/** What is run, and the exit code of each. */
const commands = [
  { line: 'list', exit: 0 },
  { line: 'inspect nightly-build', exit: 11 },
  { line: 'cat debian-12-generic:/etc/os-release', exit: 0 },
  { line: 'download debian-12-generic -o debian.qcow2', exit: 0 },
];

/**
 * `serve` computes digests in the background: before it has, a download has nothing to compare with.
 * @param {string} url
 */
async function waitForDigests(url) {
  for (;;) {
    const answer = await fetch(new URL('v2/images', url));
    const { images } = /** @type {{ images: { os_hash_value: string | null }[] }} */ (await answer.json());
    if (images.every((image) => image.os_hash_value !== null)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * What a command writes to a terminal. The working directory, whose name is random, is shown as /tmp/demo.
 * @param {typeof commands[number]} command
 * @param {{ url: string, directory: string }} options
 */
async function show({ line, exit }, { url, directory }) {
  const shell = `stty cols ${String(columns)} rows 50; '${process.execPath}' '${program}' ${line}`;
  const env = { PATH: process.env['PATH'], HOME: directory, TERM: 'xterm', OS_IMAGE_ENDPOINT_OVERRIDE: url };
  const run = promisify(execFile)('script', ['-qec', shell, '/dev/null'], { cwd: directory, env });
  const { stdout, code } = await run.then(
    (ended) => ({ stdout: ended.stdout, code: 0 }),
    (/** @type {{ stdout: string, code: number }} */ failure) => failure,
  );
  if (code !== exit) throw new Error(`${line} ended with ${String(code)} instead of ${String(exit)}: ${stdout}`);
  return `\u001b[1m$ glance-cli ${line}\u001b[22m\n${stdout.replaceAll(directory, '/tmp/demo')}`;
}

/** @param {string} scratch an empty directory */
async function draw(scratch) {
  const images = join(scratch, 'images');
  const directory = join(scratch, 'work');
  await mkdir(directory);
  await writeTerminalImages(images);
  const { url, stop } = await serve(images);
  /** @type {string[]} */
  const shown = [];
  try {
    await waitForDigests(url);
    for (const command of commands) shown.push(await show(command, { url, directory }));
  } finally {
    stop();
  }
  return renderTerminal(readScreen(shown.join('\n').trimEnd()), {
    columns,
    title: 'glance-cli in a terminal',
    description: commands.map(({ line }) => `glance-cli ${line}`).join('; '),
  });
}

/** The picture without anything that differs from run to run. @param {string} svg */
function maskMeasured(svg) {
  return svg
    .replaceAll(/in \d+\.\d s, \d[\d.]* [KMG]?i?B\/s/g, 'in … s, … MiB/s')
    .replaceAll(/(bytes_read(?:<\/tspan>)? +)\d+/g, '$1…')
    .replaceAll(/ textLength="[\d.]+"/g, '');
}

const scratch = await realpath(await mkdtemp(join(tmpdir(), 'glance-cli-terminal-')));
try {
  const svg = await draw(scratch);
  if (!process.argv.includes('--check')) await writeFile(picture, svg);
  else if (maskMeasured(svg) !== maskMeasured(await readFile(picture, 'utf8'))) {
    process.stderr.write('docs/terminal.svg does not show what the program prints: npm run terminal-picture\n');
    process.exitCode = 1;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
