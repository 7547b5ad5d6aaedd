// A download to a file with its digest checked, compared with curl, tee and a digest program, OpenStack's clients and aria2c;
// over one and over four slow connections; and the disk space of a sparse image.
import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from './measuring/machine.mjs';
import { measureInTurns } from './measuring/measure.mjs';
import { hasNginx, startNginx } from './servers/nginx.mjs';
import { downloadCommand, isInstalled } from './measuring/program.mjs';
import { medianOf, printComparison, wallSeconds } from './measuring/report.mjs';
import { formatBytes } from './measuring/units.mjs';

/** @import { NginxGlance } from './servers/nginx.mjs' */
/** @typedef {import('./measuring/measure.mjs').Peer & { target: string | null }} Download null: it writes no file */

/** The rate of each connection of the slow link, and an image that takes some seconds over four of them. */
const slowBytesPerSecond = 20_000_000;
const slowSize = 400_000_000;
const sparseSize = 512 * 1024 * 1024;

/** @param {import('./run.mjs').Settings} settings */
export async function benchDownload({ runs = 5, size, directory }) {
  if (!hasNginx) {
    process.stdout.write('\nSKIPPED download: it is measured against nginx, which is not installed\n');
    return;
  }
  if (freeBytes(directory) < size * 2.5) {
    process.stdout.write(`\nSKIPPED download: ${formatBytes(size)} need more than there is free in ${directory}\n`);
    return;
  }
  await onServer({ size, directory }, async (server, target) => {
    await compare('API v1, MD5', size, runs, directory, peersOfV1(server, target));
    await compare('API v2, SHA-512', size, runs, directory, peersOfV2(server, target));
  });
  await onServer({ size: slowSize, directory, bytesPerSecond: slowBytesPerSecond }, async (server, target) => {
    const title = `${formatBytes(slowBytesPerSecond)}/s for each connection`;
    await compare(title, slowSize, Math.min(runs, 3), directory, peersOfSlowLink(server, target));
  });
  await onServer({ size: sparseSize, directory, zeroShare: 0.8 }, (server, target) => {
    const [program = '', ...args] = downloadCommand(server.v2, server.id, target);
    spawnSync(program, args);
    const share = (statSync(target).blocks * 512) / sparseSize;
    process.stdout.write(
      `\na raw image of which 80 % is zeros takes ${(share * 100).toFixed(1)} % of its size on disk\n`,
    );
    return Promise.resolve();
  });
}

/**
 * @param {Parameters<typeof startNginx>[0]} options
 * @param {(server: NginxGlance, target: string) => Promise<void>} work
 */
async function onServer(options, work) {
  const server = await startNginx(options);
  const target = join(options.directory, 'target');
  try {
    await work(server, target);
  } finally {
    rmSync(target, { force: true });
    await server.stop();
  }
}

/** @param {NginxGlance} server @param {string} target @returns {Download[]} */
function peersOfV1(server, target) {
  const downloads = [
    { name: 'glance-cli download', command: downloadCommand(server.v1, '1', target) },
    { name: 'curl | tee f | md5sum; sync f', ...pipeline(server.v1Data, target, 'md5sum', server.md5, true) },
    { name: 'curl | tee f | md5sum', ...pipeline(server.v1Data, target, 'md5sum', server.md5, false) },
  ];
  // A download with a digest cannot be faster than this.
  const digestAlone = { name: 'md5sum of the page cache', command: ['md5sum', server.image], target: null };
  return [...downloads.map((peer) => ({ ...peer, target })), digestAlone];
}

/** @param {NginxGlance} server @param {string} target @returns {Download[]} */
function peersOfV2(server, target) {
  const base = server.v2.slice(0, -3);
  const clients = [
    {
      name: 'openstack image save',
      command: [
        ...words('openstack --os-auth-type admin_token --os-token t --os-endpoint', server.v2),
        ...words('image save --file', target, server.id),
      ],
    },
    {
      name: 'glance image-download',
      command: [
        ...words('glance --os-image-api-version 2 --os-auth-token t --os-image-url', base),
        ...words('image-download --file', target, server.id),
      ],
    },
  ].filter(({ command: [program = ''] }) => isInstalled(program));
  return [
    { name: 'glance-cli download', command: downloadCommand(server.v2, server.id, target) },
    ...clients,
    { name: 'curl | tee f | sha512sum; sync f', ...pipeline(server.v2Data, target, 'sha512sum', server.sha512, true) },
    { name: 'curl | tee f | sha512sum', ...pipeline(server.v2Data, target, 'sha512sum', server.sha512, false) },
  ].map((peer) => ({ ...peer, target }));
}

/** @param {NginxGlance} server @param {string} target @returns {Download[]} */
function peersOfSlowLink(server, target) {
  const command = downloadCommand(server.v2, server.id, target);
  const aria2c = words('aria2c -q -x4 -s4 -k1M --allow-overwrite=true -d / -o', target.slice(1), server.v2Data);
  const peers = [{ name: 'glance-cli --connections 4', command: [...command, '--connections', '4'] }];
  if (isInstalled('aria2c')) peers.push({ name: 'aria2c -x4, no digest', command: aria2c });
  peers.push({ name: 'glance-cli', command });
  return peers.map((peer) => ({ ...peer, target }));
}

/**
 * The words of the first argument, then the other arguments unchanged.
 * @param {string} text
 * @param {string[]} others
 */
function words(text, ...others) {
  return [...text.split(' '), ...others];
}

/**
 * @param {string} url
 * @param {string} target
 * @param {'md5sum' | 'sha512sum'} sum
 * @param {string} digest that it must print
 * @param {boolean} isSynced
 */
function pipeline(url, target, sum, digest, isSynced) {
  const script = `set -o pipefail; curl -sf "$1" | tee "$2" | ${sum}${isSynced ? '; sync "$2"' : ''}`;
  const check = (/** @type {string} */ output) => {
    if (!output.startsWith(digest)) throw new Error(`wrong digest: ${output}`);
  };
  return { command: ['bash', '-c', script, 'bash', url, target], check };
}

/**
 * @param {string} title
 * @param {number} size bytes of the image
 * @param {number} runs
 * @param {string} directory
 * @param {readonly Download[]} peers the first is ours
 */
async function compare(title, size, runs, directory, peers) {
  const prepared = peers.map(({ target, check, ...peer }) => ({
    ...peer,
    prepare: () => {
      if (target !== null) rmSync(target, { force: true });
    },
    check: (/** @type {string} */ output) => {
      const actual = target === null ? size : statSync(target).size;
      if (actual !== size) throw new Error(`the download has ${actual} bytes instead of ${size}`);
      check?.(output);
    },
  }));
  const results = await measureInTurns(prepared, runs, directory);
  printComparison(`${title}, ${formatBytes(size)}, ${runs} runs: wall s`, results, wallSeconds);
  printComparison('CPU s', results, ({ cpuMs }) => (cpuMs === null ? null : cpuMs / 1000));
  const [ours = ''] = results.keys();
  const peak = medianOf(results, ours, ({ peakBytes }) => peakBytes);
  process.stdout.write(`peak resident memory of ours: ${formatBytes(peak)}\n`);
}
