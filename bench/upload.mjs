// Uploads a large image to a bucket of a real store, compared with rclone, which sends the same bytes in parts of the same size
// and computes the MD5. By hand, with a store up: eval "$(test/stores/servers/rgw-up)" && npm run bench -- upload
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { measureInTurns } from './measuring/measure.mjs';
import { hasNginx, startNginxOfMany } from './servers/nginx.mjs';
import { programPath } from './measuring/program.mjs';
import { formatComparison } from './measuring/report.mjs';

const bucket = 'bench-upload';
const remote = `store:${bucket}`;

/** @param {import('./run.mjs').Settings} settings */
export async function benchUpload({ runs, size, directory }) {
  const env = findStore();
  if (env === null || !hasNginx || spawnSync('rclone', ['version']).status !== 0) {
    process.stdout.write('\nupload: left out, for it takes a store (test/stores/servers), rclone and nginx\n');
    return;
  }
  const server = await startNginxOfMany({ count: 1, size, directory });
  try {
    const peers = peersFor(server, env, directory);
    printResults(`upload of ${String(size / 1024 ** 2)} MiB`, peers, await measureInTurns(peers, runs ?? 5, directory));
  } finally {
    await server.stop();
  }
}

/** @returns {Record<string, string> | null} how to reach the store, for both */
function findStore() {
  const names = ['AWS_ENDPOINT_URL_S3', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];
  const env = Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
  if (Object.values(env).some((value) => value === '')) return null;
  return {
    ...env,
    RCLONE_CONFIG_STORE_TYPE: 's3',
    RCLONE_CONFIG_STORE_PROVIDER: 'Ceph',
    RCLONE_CONFIG_STORE_ENV_AUTH: 'true',
    RCLONE_CONFIG_STORE_ENDPOINT: env.AWS_ENDPOINT_URL_S3,
  };
}

/** @param {import('./servers/nginx.mjs').NginxImages} server */
function peersFor({ v2, images: [image] }, env, directory) {
  /** @param {string[]} args @returns {[string, ...string[]]} */
  const rclone = (...args) => ['rclone', '--config', '/dev/null', '--s3-chunk-size', '8M', ...args];
  const run = ([program, ...args]) => spawnSync(program, args, { env: { PATH: process.env.PATH, ...env } });
  run(rclone('mkdir', remote));
  const common = { env, prepare: () => void run(rclone('delete', remote)), drain: true };
  const ours = [process.execPath, programPath, '--endpoint', v2, '--progress', 'none'];
  const file = join(directory, 'nginx-many', 'data', image.id);
  return [
    { name: 'mirror', command: [...ours, 'mirror', `s3://${bucket}`], ...common },
    { name: 'rclone copyto', command: rclone('copyto', file, `${remote}/file`), ...common },
  ];
}

function printResults(title, peers, results) {
  const print = (what, read) =>
    process.stdout.write(
      formatComparison(
        `${title}, ${what}`,
        peers.map(({ name }) => name),
        results.map((measurements) => measurements.map(read)),
      ),
    );
  print('wall ms', ({ wallMs }) => wallMs);
  print('CPU ms', ({ cpuMs }) => cpuMs);
  print('peak resident memory, MiB', ({ peakBytes }) => (peakBytes === null ? null : peakBytes / 1024 ** 2));
}
