// Runs one client against one row and determines the outcome from facts: exit status, bytes under the final name, headers and
// requests that servers saw, bytes that reached a terminal.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { listen } from '../servers/listen.mjs';
import { data, imageId, record, sendData, sendJson, startServer, token } from './server.mjs';

/** @import { Client } from './clients.mjs' */
/** @import { Row } from './rows.mjs' */
/** @typedef {{ directory: string, watchMs: number }} Options an empty directory; the longest a run may take */
/** @typedef {Options & { client: Client, row: Row, target: string }} Context */

const old = Buffer.from('the good old file');

/**
 * @param {Client} client
 * @param {Row} row
 * @param {Options} options
 * @returns {Promise<string>} `–` where the client has no such call
 */
export async function outcomeOf(client, row, { directory, watchMs }) {
  const target = join(directory, 'image');
  const context = { client, row, target, directory, watchMs };
  const { list } = client;
  switch (row.kind) {
    case 'download':
      return await download(context);
    case 'redirect':
      return await redirect(context);
    case 'old-file':
      writeFileSync(target, old);
      return await onServer(row.behaviour, async (url) => {
        await run(client.download(url, target, { resume: false, force: true }), directory, watchMs);
        return existsSync(target) && readFileSync(target).equals(old) ? 'intact' : 'destroyed';
      });
    case 'full-disk':
      return await fullDisk(context);
    case 'terminal':
      return client.toStdout === null ? '–' : await terminal({ ...context, toStdout: client.toStdout });
    case 'escape':
      if (list === null) return '–';
      return await onServer(row.behaviour, async (url) => {
        const { output } = await run(list(url), directory, watchMs);
        return output.includes('\u001b[2J') ? 'raw' : output.includes('evil') ? 'escaped' : 'not shown';
      });
    case 'loop':
      if (list === null) return '–';
      return await onServer(row.behaviour, async (url, requests) => {
        const { timedOut } = await run(list(url), directory, 15_000);
        return timedOut ? `endless (${requests.length} requests in 15 s)` : `stops after ${requests.length} requests`;
      });
    case 'other-host':
      return list === null ? '–' : await otherHost({ ...context, list });
    case 'time': {
      const started = performance.now();
      const outcome = await download(context);
      return outcome === 'ok' ? `${((performance.now() - started) / 1000).toFixed(2)} s` : outcome;
    }
    default:
      throw new Error(`no such row: ${row.name}`);
  }
}

/** @param {Context} context */
async function download({ client, row, target, directory, watchMs }) {
  row.prepare?.(target);
  const before = existsSync(target) ? readFileSync(target) : null;
  if (row.before !== undefined) {
    // The same address for both runs, since a resumed download depends on it.
    const behaviour = { ...row.before };
    return await onServer(behaviour, async (url) => {
      await run(client.download(url, target, { resume: false, force: false }), directory, watchMs);
      for (const key of Object.keys(behaviour)) Reflect.deleteProperty(behaviour, key);
      Object.assign(behaviour, row.behaviour);
      return classify(
        await run(client.download(url, target, { resume: true, force: false }), directory, watchMs),
        target,
        null,
      );
    });
  }
  return await onServer(row.behaviour, async (url) => {
    const args = client.download(url, target, { resume: row.resume === true, force: false });
    return classify(await run(args, directory, watchMs), target, before);
  });
}

/**
 * @param {{ code: number | null, timedOut: boolean }} run
 * @param {string} target
 * @param {Uint8Array | null} before what was there before
 */
function classify({ code, timedOut }, target, before) {
  const bytes = existsSync(target) ? readFileSync(target) : null;
  if (timedOut) return 'hangs';
  if (bytes?.equals(data)) return code === 0 ? 'ok' : `whole, but ${code}`;
  if (bytes === null || (before !== null && bytes.equals(before) && code !== 0)) {
    const directory = target.slice(0, target.lastIndexOf('/'));
    const hasPart = readdirSync(directory).some((name) => /^\.image\.[0-9a-f]{12}\.part$/.test(name));
    return code === 0 ? '0, none!' : `clean ${code}${hasPart ? ', part kept' : ''}`;
  }
  return code === 0 ? 'BAD 0' : `bad ${code}`;
}

/** @param {Context} context */
async function redirect({ client, target, directory, watchMs }) {
  return await besideOther(sendData, async (origin, tokens) => {
    const location = `${origin}/elsewhere`;
    return await onServer({ faults: [{ do: { type: 'redirect', status: 302, location } }] }, async (url) => {
      const args = client.download(url, target, { resume: false, force: false });
      await run(args, directory, watchMs, envOf(client));
      return tokens.includes(token) ? 'token sent' : `token not sent${tokens.length === 0 ? ', not followed' : ''}`;
    });
  });
}

/** @param {Context & { list: (url: string) => string[] }} context */
async function otherHost({ client, list, directory }) {
  /** @type {import('node:http').RequestListener} */
  const answer = (_request, response) => sendJson(response, { images: [] });
  return await besideOther(answer, async (origin, tokens) => {
    const next = `${origin}/v2/images?marker=${imageId}`;
    let count = 0;
    /** @type {import('./server.mjs').Behaviour} */
    const behaviour = {
      list: (_request, response) => {
        count += 1;
        sendJson(response, count === 1 ? { images: [record()], next } : { images: [] });
        return true;
      },
    };
    return await onServer(behaviour, async (url) => {
      const { code } = await run(list(url), directory, 15_000, envOf(client));
      if (tokens.includes(token)) return 'token sent';
      return code === 0 ? 'stays' : `refused ${code}`;
    });
  });
}

/**
 * Runs another origin meanwhile, which notes the tokens that it gets.
 * @param {import('node:http').RequestListener} answer
 * @param {(origin: string, tokens: readonly unknown[]) => Promise<string>} work
 */
async function besideOther(answer, work) {
  /** @type {unknown[]} */
  const tokens = [];
  const other = createServer((request, response) => {
    tokens.push(request.headers['x-auth-token']);
    answer(request, response);
  });
  const port = await listen(other);
  try {
    return await work(`http://localhost:${port}`, tokens);
  } finally {
    other.closeAllConnections();
    other.close();
  }
}

/** Ours takes a token from the environment; the others have it among their arguments. @param {Client} client */
function envOf(client) {
  return client.name === 'glance-cli' ? { OS_TOKEN: token } : {};
}

/** @param {Context} context */
async function fullDisk({ client, row, directory, watchMs }) {
  const mounted = join(directory, 'small');
  mkdirSync(mounted);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mounted], { stdio: 'ignore' });
  } catch {
    return 'skipped: needs mount';
  }
  try {
    return await onServer(row.behaviour, async (url) => {
      const target = join(mounted, 'image');
      const args = client.download(url, target, { resume: false, force: false });
      if (client.name === 'glance-cli') args.push('--no-space-check');
      return classify(await run(args, directory, watchMs), target, null);
    });
  } finally {
    execFileSync('umount', ['-l', mounted]);
  }
}

/** @param {Context & { toStdout: (url: string) => string[] }} context */
async function terminal({ toStdout, row, directory, watchMs }) {
  return await onServer(row.behaviour, async (url) => {
    const command = toStdout(url)
      .map((word) => `'${word}'`)
      .join(' ');
    const { output, code } = await run(['script', '-qec', command, '/dev/null'], directory, watchMs);
    return output.length > 1_000_000 ? `prints it, ${code}` : `refuses, ${code}`;
  });
}

/**
 * @param {import('./server.mjs').Behaviour | undefined} behaviour
 * @param {(url: string, requests: readonly unknown[]) => Promise<string>} work
 */
async function onServer(behaviour = {}, work) {
  const server = await startServer(behaviour);
  try {
    return await work(server.url, server.requests);
  } finally {
    await server.stop();
  }
}

/**
 * Runs a process, and ends it by its pid when its time is up. Keeps the last 16 MiB of its output.
 * @param {readonly string[]} command
 * @param {string} directory
 * @param {number} watchMs
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<{ code: number | null, timedOut: boolean, output: string }>}
 */
async function run([command = '', ...args], directory, watchMs, env = {}) {
  const child = spawn(command, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: directory, LANG: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh', ...env },
    detached: true,
  });
  let output = '';
  const take = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk.toString('latin1')).slice(-16 * 1024 * 1024);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    // A negative number signals the group: `script` and shells have children.
    process.kill(0 - Number(child.pid), 'SIGKILL');
  }, watchMs);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, timedOut, output };
}
