// V8's compiled code of the program: what a start would else compile anew each time. It is good for the very V8 that made
// it; any other leaves it alone. Which functions it holds is learnt by running commands against servers on this machine.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const trainer = fileURLToPath(new URL('train.cjs', import.meta.url));
const id = '11111111-2222-4333-8444-555555555555';

/** What is done most. The second `show` has a token that is kept; the first one has logged in. */
const commands = [
  ['--help'],
  ['completion', 'bash'],
  ['__complete', 'bash', 'glance-cli sh', ''],
  ['show', id],
  ['show', id],
  ['show', 'cirros', '-f', 'json'],
  ['list'],
  ['list', '-f', 'json'],
  ['download', id, '-o', 'image.raw'],
];

/** Takes seconds; what takes this long, milliseconds, has come to a halt. */
const patienceMs = 120_000;

/**
 * Writes the code of each file of the program that `node` would run, and takes away what was there: V8 would believe old
 * code of a file that has kept its length.
 * @param {{ root: string, node: string, program: string, code: string }} job the repository, built by tsc; the program of a Node
 * that runs here; the directory of the program's files; the directory to write into
 * @throws {Error} if a command fails
 */
export async function writeCode({ root, node, program, code }) {
  rmSync(code, { recursive: true, force: true });
  const directory = mkdtempSync(join(tmpdir(), 'glance-cli-code-'));
  const cloud = await startCloud(root);
  try {
    mkdirSync(join(directory, '.config', 'openstack'), { recursive: true });
    writeFileSync(join(directory, '.config', 'openstack', 'clouds.yaml'), cloud.settings, { mode: 0o600 });
    // None of the caller's settings, whose paths would be taken; Windows wants some of them to run at all.
    const env = { ...systemVariables(), HOME: directory, USERPROFILE: directory, OS_CLOUD: 'training', NO_PROXY: '*' };
    const order = JSON.stringify({ program, code, commands });
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(node, [trainer, order], { cwd: directory, env, stdio, timeout: patienceMs });
    child.stdout.resume();
    const said = text(child.stderr);
    const [status, signal] = await once(child, 'close');
    if (status !== 0) throw new Error(`the program ended with ${signal ?? status}: ${await said}`);
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function systemVariables() {
  const names = ['PATH', 'SYSTEMROOT', 'TEMP', 'TMP', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])));
}

/** A Keystone that lets everybody in, and the Glance of `serve` with one image. */
async function startCloud(root) {
  const [{ startServer }, { makeCatalog }, { memoryBytes }] = await Promise.all(
    ['app.js', 'catalog.js', 'image-bytes.js'].map((name) => import(join(root, 'dist', 'server', name))),
  );
  const glance = await startServer({ port: 0, catalog: makeCatalog([makeEntry(memoryBytes)]) });
  const keystone = createServer((request, response) => {
    request.resume();
    const headers = { 'Content-Type': 'application/json', 'X-Subject-Token': 'training' };
    response.writeHead(201, headers).end(JSON.stringify(makeToken(glance.url.href)));
  });
  keystone.listen(0, '127.0.0.1');
  await once(keystone, 'listening');
  const settings = `clouds:
  training:
    auth:
      auth_url: http://127.0.0.1:${keystone.address().port}/v3
      username: training
      password: training
      project_name: training
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
`;
  const close = async () => {
    keystone.close();
    keystone.closeAllConnections();
    await glance.close();
  };
  return { settings, close };
}

/** @see https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization */
function makeToken(url) {
  const endpoint = { interface: 'public', region: 'RegionOne', region_id: 'RegionOne', url };
  return {
    token: {
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      project: { id: 'training', name: 'training' },
      catalog: [{ type: 'image', name: 'glance', endpoints: [endpoint] }],
    },
  };
}

function makeEntry(memoryBytes) {
  const data = Buffer.alloc(1024 * 1024, 'training');
  const image = {
    id,
    name: 'cirros',
    status: 'active',
    visibility: 'public',
    disk_format: 'raw',
    container_format: 'bare',
    size: data.length,
    virtual_size: null,
    checksum: createHash('md5').update(data).digest('hex'),
    os_hash_algo: 'sha512',
    os_hash_value: createHash('sha512').update(data).digest('hex'),
    os_hidden: false,
    min_disk: 0,
    min_ram: 0,
    owner: 'training',
    protected: false,
    tags: ['a'],
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '2026-01-02T03:04:06Z',
    deleted_at: null,
    direct_url: null,
    locations: null,
    stores: null,
    properties: { os_distro: 'cirros' },
  };
  return { image, data: memoryBytes(data), members: [] };
}
