// `show` and `list` against the OpenStack of test/openstack/stack, compared with OpenStack's own clients. glance gets a token
// and the endpoint; the others log in by clouds.yaml, glance-cli also with a token it has kept.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { measureInTurns } from './measuring/measure.mjs';
import { executablePath, isInstalled, programPath } from './measuring/program.mjs';
import { printComparison, wallMs } from './measuring/report.mjs';

const imageId = '5eed0000-0000-4000-8000-000000000001';
const state = process.env['OPENSTACK_STATE'] ?? '/tmp/glance-cli-openstack';

/** @param {import('./run.mjs').Settings} settings */
export async function benchOpenStack({ runs = 10, directory }) {
  const access = await findAccess();
  if (access === null) {
    process.stdout.write('\nopenstack: left out, for no stack answers; start one with test/openstack/stack/up\n');
    return;
  }
  const { glance, token } = access;
  // Every peer is started with that directory as its home.
  mkdirSync(join(directory, '.config'));
  symlinkSync(state, join(directory, '.config', 'openstack'));
  const node = process.execPath;
  const openstack = ['--os-cloud', 'demo'];
  const ours = [programPath, ...openstack];
  const glanceOptions = ['--os-image-url', glance, '--os-auth-token', token];
  /** @type {[string, string, string[]][]} */
  const executableShow =
    executablePath === null ? [] : [[executablePath, 'executable show', [...openstack, 'show', imageId]]];
  await compare(`show, wall ms, ${runs} runs`, runs, directory, imageId, [
    ['openstack', 'image show', [...openstack, 'image', 'show', imageId]],
    ['glance', 'image-show', [...glanceOptions, 'image-show', imageId]],
    [node, 'glance-cli show, logging in', [...ours, '--no-token-cache', 'show', imageId]],
    ...executableShow,
    [node, 'glance-cli show', [...ours, 'show', imageId]],
  ]);
  await compare(`list, wall ms, ${runs} runs`, runs, directory, imageId, [
    ['openstack', 'image list', [...openstack, 'image', 'list']],
    ['glance', 'image-list', [...glanceOptions, 'image-list']],
    [node, 'glance-cli list, logging in', [...ours, '--no-token-cache', 'list']],
    [node, 'glance-cli list', [...ours, 'list']],
  ]);
}

/**
 * @param {string} title
 * @param {number} runs
 * @param {string} directory
 * @param {string} expected text that every output must contain
 * @param {readonly (readonly [program: string, name: string, options: readonly string[]])[]} commands the last is the reference
 */
async function compare(title, runs, directory, expected, commands) {
  const peers = commands
    .filter(([program]) => isOurs(program) || isInstalled(program))
    .map(([program, name, options]) => ({
      name: isOurs(program) ? name : `${program} ${name}`,
      command: [program, ...options],
      // With the schema that it caches there, glance 4.1 fails on any Glance of several stores: "conflicting option string".
      prepare: () => rmSync(join(directory, '.glanceclient'), { recursive: true, force: true }),
      check(/** @type {string} */ output) {
        if (!output.includes(expected)) throw new Error(`${name} does not print ${expected}`);
      },
    }));
  printComparison(title, await measureInTurns(peers, runs, directory), wallMs);
}

/** @param {string} program */
function isOurs(program) {
  return program === process.execPath || program === executablePath;
}

/** @returns {Promise<{ glance: string, token: string } | null>} null if no stack answers */
async function findAccess() {
  const notes = `${state}/keystone/setup-done`;
  if (!existsSync(notes)) return null;
  /** @type {{ ports: [keystone: number, glance: number] }} */
  const { ports } = JSON.parse(readFileSync(notes, 'utf8'));
  const scope = { project: { name: 'demo', domain: { id: 'default' } } };
  const user = { name: 'demo', password: 'demo-secret', domain: { id: 'default' } };
  const identity = { methods: ['password'], password: { user } };
  const answer = await fetch(`http://127.0.0.1:${ports[0]}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope } }),
  }).catch(() => null);
  const token = answer?.headers.get('x-subject-token') ?? null;
  return token === null ? null : { glance: `http://127.0.0.1:${ports[1]}`, token };
}
