// Runs whole processes and measures them in turns, so that disturbances affect all alike.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * @typedef {object} Peer
 * @property {string} name no two peers have the same
 * @property {readonly string[]} command the program and its arguments
 * @property {Readonly<Record<string, string>>} [env] in addition to what every process gets
 * @property {boolean} [drain] read its output without keeping it
 * @property {() => void | Promise<void>} [prepare] called before each run, not measured
 * @property {(output: string) => void} [check] called after each run with what it printed, not measured; throws if it is wrong
 */

/**
 * @typedef {object} Measurement
 * @property {number} wallMs from start to end
 * @property {number | null} cpuMs user and system time of it and its children, in steps of 10 ms; null where `time` is missing
 * @property {number | null} peakBytes peak resident memory; of several processes, that of the largest
 *
 * @typedef {ReadonlyMap<string, readonly Measurement[]>} Results by name of the peer, in their order; the same index is the same
 *   round
 */

const timeProgram = '/usr/bin/time';

/**
 * Measures every peer `runs` times in turns, after a first round that does not count.
 * @param {readonly Peer[]} peers
 * @param {number} runs
 * @param {string} directory for temporary files; also the home of the measured processes
 * @returns {Promise<Results>}
 */
export async function measureInTurns(peers, runs, directory) {
  const measured = peers.map((peer) => ({ peer, measurements: /** @type {Measurement[]} */ ([]) }));
  for (let round = 0; round <= runs; round++) {
    for (const { peer, measurements } of measured) {
      await peer.prepare?.();
      const { measurement, output } = await measure(peer, directory);
      peer.check?.(output);
      if (round > 0) measurements.push(measurement);
    }
  }
  return new Map(measured.map(({ peer, measurements }) => [peer.name, measurements]));
}

/**
 * @param {Peer} peer
 * @param {string} directory
 * @returns {Promise<{ measurement: Measurement, output: string }>}
 * @throws {Error} if the process fails
 */
async function measure({ name, command, env = {}, drain = false }, directory) {
  const log = join(directory, 'time.txt');
  const isTimed = existsSync(timeProgram);
  const [program = '', ...args] = isTimed ? [timeProgram, '-o', log, '-f', '%U %S %M', ...command] : command;
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // None of the caller's settings: no proxies, no OS_*, no NODE_OPTIONS or certificates, which slow down the start.
    env: { PATH: process.env['PATH'], HOME: directory, TMPDIR: directory, LANG: 'C.UTF-8', ...env },
  });
  const output = drain ? drained(child.stdout) : text(child.stdout);
  const errors = text(child.stderr);
  const memory = isTimed ? null : watchMemory(child.pid ?? 0);
  const [code, signal] = await once(child, 'exit');
  const wallMs = performance.now() - started;
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? code}: ${await errors}`);
  return { measurement: { wallMs, ...(memory?.stop() ?? readTimes(log)) }, output: await output };
}

/** @param {NodeJS.ReadableStream} stream */
async function drained(stream) {
  stream.resume();
  await once(stream, 'end');
  return '';
}

/**
 * Parses the output of `time`: seconds, seconds, KiB. A note about an exit status may come first.
 * @param {string} log
 */
function readTimes(log) {
  const line = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
  const [user = NaN, system = NaN, kibibytes = NaN] = line.split(' ').map(Number);
  return { cpuMs: (user + system) * 1000, peakBytes: kibibytes * 1024 };
}

/**
 * Without `time`: polls the kernel's own high-water mark until the process ends. May miss its last moments.
 * @param {number} pid
 */
function watchMemory(pid) {
  /** @type {number | null} */
  let peakBytes = null;
  const look = () => {
    try {
      const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      if (kibibytes !== undefined) peakBytes = Number(kibibytes) * 1024;
    } catch {
      // Gone already, or not Linux.
    }
  };
  const timer = setInterval(look, 10);
  return {
    stop() {
      clearInterval(timer);
      return { cpuMs: null, peakBytes };
    },
  };
}
