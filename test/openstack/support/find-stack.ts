// Looks for a running, seeded stack before any test is loaded, and logs in to it.
import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import type { Project, Sample, Stack } from './stack.ts';

/** What `up` notes about the stack it made. */
interface SetupNotes {
  readonly ports: readonly [keystone: string, glance: string, keystoneTls: string, glanceTls: string];
}

export async function setup(project: TestProject): Promise<void> {
  const state = process.env['OPENSTACK_STATE'] ?? '/tmp/glance-cli-openstack';
  const stack = await findStack(state).catch((error: unknown) => {
    process.stderr.write(
      `\nSKIPPED: every test against OpenStack, for no seeded stack answers (${reasonOf(error)}).\n` +
        'Start one with: test/openstack/stack/up && test/openstack/stack/seed && test/openstack/stack/seed bulk 1100\n\n',
    );
    return null;
  });
  if (stack?.bulk === false) {
    process.stderr.write('\nSKIPPED: the tests of long lists. Run: test/openstack/stack/seed bulk 1100\n\n');
  }
  project.provide('stack', stack);
}

async function findStack(state: string): Promise<Stack> {
  const notes = await readJson<SetupNotes>(`${state}/keystone/setup-done`);
  const samples = await readJson<readonly Sample[]>(`${state}/seed/manifest.json`);
  const [keystonePort, glancePort, , glanceTlsPort] = notes.ports;
  const keystone = `http://127.0.0.1:${keystonePort}/v3`;
  const glance = `http://127.0.0.1:${glancePort}`;
  const [admin, demo, other] = await Promise.all([
    logIn(keystone, 'admin'),
    logIn(keystone, 'demo'),
    logIn(keystone, 'other'),
  ]);
  const last = await fetch(`${glance}/v2/images/b01c0000-0000-4000-8000-000000001100`, {
    headers: { 'X-Auth-Token': demo.token },
  });
  return {
    state,
    keystone,
    glance,
    glanceTlsPort,
    tokens: { admin: admin.token, demo: demo.token, other: other.token },
    projects: { admin: admin.project, demo: demo.project, other: other.project },
    samples,
    bulk: last.status === 200,
  };
}

/** @see https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization */
async function logIn(keystone: string, name: Project): Promise<{ token: string; project: string }> {
  const domain = { id: 'default' };
  const user = { name, domain, password: `${name}-secret` };
  const identity = { methods: ['password'], password: { user } };
  const answer = await fetch(`${keystone}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name, domain } } } }),
  });
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`Keystone answered ${String(answer.status)} to ${name}`);
  const body = (await answer.json()) as { token: { project: { id: string } } };
  return { token, project: body.token.project.id };
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
