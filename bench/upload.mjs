// Uploads a large image to a bucket of a real store, compared with rclone, which sends the same bytes in parts of the same size
// and computes the MD5. By hand, with a store up: eval "$(test/stores/servers/rgw-up)" && npm run bench -- upload
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { measureInTurns } from './measuring/measure.mjs';
import { hasNginx, startNginxOfMany } from './servers/nginx.mjs';
import { programPath } from './measuring/program.mjs';
import { peakMebibytes, printComparison, wallMs } from './measuring/report.mjs';

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
    const results = await measureInTurns(peersFor(server, env, directory), runs ?? 5, directory);
    const title = `upload of ${String(size / 1024 ** 2)} MiB`;
    printComparison(`${title}, wall ms`, results, wallMs);
    printComparison(`${title}, CPU ms`, results, ({ cpuMs }) => cpuMs);
    printComparison(`${title}, peak resident memory, MiB`, results, peakMebibytes);
  } finally {
    await server.stop();
  }
}

/** @returns {Record<string, string> | null} how to reach the store, for both */
function findStore() {
  const {
    AWS_ENDPOINT_URL_S3: endpoint = '',
    AWS_ACCESS_KEY_ID = '',
    AWS_SECRET_ACCESS_KEY = '',
    AWS_REGION = '',
  } = process.env;
  const env = { AWS_ENDPOINT_URL_S3: endpoint, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION };
  if (Object.values(env).includes('')) return null;
  return {
    ...env,
    RCLONE_CONFIG_STORE_TYPE: 's3',
    RCLONE_CONFIG_STORE_PROVIDER: 'Ceph',
    RCLONE_CONFIG_STORE_ENV_AUTH: 'true',
    RCLONE_CONFIG_STORE_ENDPOINT: endpoint,
  };
}

/**
 * @param {import('./servers/nginx.mjs').NginxImages} server
 * @param {Record<string, string>} env how to reach the store
 * @param {string} directory
 */
function peersFor({ v2, images: [image] }, env, directory) {
  if (image === undefined) throw new Error('nothing is served');
  const options = ['--config', '/dev/null', '--s3-chunk-size', '8M'];
  const run = (/** @type {string[]} */ ...args) =>
    void spawnSync('rclone', [...options, ...args], { env: { PATH: process.env['PATH'], ...env } });
  run('mkdir', remote);
  const common = { env, prepare: () => run('delete', remote), drain: true };
  const ours = [process.execPath, programPath, '--endpoint', v2, '--progress', 'none'];
  const file = join(directory, 'nginx-many', 'data', image.id);
  return [
    { name: 'mirror', command: [...ours, 'mirror', `s3://${bucket}`], ...common },
    { name: 'rclone copyto', command: ['rclone', ...options, 'copyto', file, `${remote}/file`], ...common },
  ];
}
