// How fast `serve` sends an image, compared with nginx, while other connections are open: some idle, some in a download.
import { once } from 'node:events';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { measureInTurns } from './measuring/measure.mjs';
import { hasNginx, startNginx } from './servers/nginx.mjs';
import { medianOf, printComparison } from './measuring/report.mjs';
import { startServe } from './servers/start-serve.mjs';
import { formatBytes } from './measuring/units.mjs';

const held = { idle: 200, active: 50 };

/** @param {import('./run.mjs').Settings} settings */
export async function benchServe({ runs = 5, size, directory }) {
  if (!hasNginx) {
    process.stdout.write('\nserve: SKIPPED, nginx is not installed\n');
    return;
  }
  const nginx = await startNginx({ size, directory, connections: 1024 });
  const serve = await serveImage(nginx, size, directory);
  /** @type {import('node:net').Socket[]} */
  let holding = [];
  const peers = Object.entries({ serve: serve.dataUrl, nginx: nginx.v2Data }).map(([name, url]) => ({
    name: `curl from ${name}`,
    command: ['curl', '--silent', '--show-error', '--fail', '--output', '/dev/null', url],
    prepare: async () => {
      for (const socket of holding) socket.destroy();
      holding = await hold(new URL(url));
    },
  }));
  try {
    const results = await measureInTurns(peers, runs, directory);
    /** @type {import('./measuring/report.mjs').Read} */
    const rate = ({ wallMs }) => size / 1024 ** 2 / (wallMs / 1000);
    const connections = `${held.idle} idle and ${held.active} active connections held`;
    printComparison(`${formatBytes(size)}, ${connections}, MiB/s, ${runs} runs`, results, rate);
    const ratio = medianOf(results, 'curl from serve', rate) / medianOf(results, 'curl from nginx', rate);
    process.stdout.write(`serve sends at ${ratio.toFixed(2)} of nginx's rate\n`);
  } finally {
    for (const socket of holding) socket.destroy();
    await serve.stop();
    await nginx.stop();
  }
}

/**
 * Serves the same file, with digests in a record, so that only sending is measured.
 * @param {import('./servers/nginx.mjs').NginxGlance} nginx
 * @param {number} size bytes of the file
 * @param {string} directory
 */
async function serveImage({ id, md5, sha512, image }, size, directory) {
  const root = join(directory, 'served');
  mkdirSync(root);
  linkSync(image, join(root, 'bench.raw'));
  const record = { id, size, checksum: md5, os_hash_algo: 'sha512', os_hash_value: sha512 };
  writeFileSync(join(root, 'bench.raw.json'), JSON.stringify(record));
  const { url, stop } = await startServe(root);
  return { dataUrl: `${url}v2/images/${id}/file`, stop };
}

/** Connections that send nothing, and some that started a download and stopped reading. @param {URL} url of the data */
async function hold(url) {
  const active = await Promise.all(Array.from({ length: held.active }, () => openConnection(url, true)));
  const idle = await Promise.all(Array.from({ length: held.idle }, () => openConnection(url, false)));
  return [...active, ...idle];
}

/** @param {URL} url @param {boolean} isActive whether it starts a download */
async function openConnection(url, isActive) {
  const socket = connect(Number(url.port), url.hostname);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  if (isActive) {
    socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
    await once(socket, 'readable');
  }
  return socket;
}
