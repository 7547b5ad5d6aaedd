// The units in examples/fleet: their commands are valid, and give a worker the time it needs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCli } from './support/run-cli.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../examples/fleet', name), 'utf8');

/** The call is right, but there is no queue at its address. */
async function expectCall(argv: readonly string[]): Promise<void> {
  const env = { GLANCE_CLI_QUEUE: 'redis://127.0.0.1:9', OS_IMAGE_ENDPOINT_OVERRIDE: 'http://127.0.0.1:9' };
  const { code, stderr } = await runCli(argv, { env });
  expect([code, stderr]).toEqual([5, expect.stringContaining('[queue.unavailable]')]);
}

interface Container {
  readonly args: readonly string[];
  readonly image: string;
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
}

interface Pod {
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly Container[];
}

it('starts a worker with systemd and gives it time to drain', async () => {
  const unit = read('glance-worker@.service');
  const values = new Map([...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
  expect([...unit.matchAll(/^\[(\w+)\]$/gm)].map(([, name]) => name)).toEqual(['Unit', 'Service', 'Install']);
  const [program, ...argv] = (values.get('ExecStart') ?? '').split(' ');
  expect(program).toBe('/usr/local/bin/glance-cli');
  await expectCall(argv);
  const drain = Number(argv[argv.indexOf('--drain-timeout') + 1]);
  expect(Number(values.get('TimeoutStopSec'))).toBeGreaterThan(drain + 10);
});

it('starts workers and a planner with Kubernetes', async () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'));
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  const [deployment, cron] = documents.map((each) => each.toJS() as Readonly<Record<string, never>>);
  expect([deployment?.['kind'], cron?.['kind']]).toEqual(['Deployment', 'CronJob']);
  const workers = (deployment as unknown as { spec: { template: { spec: Pod } } }).spec.template.spec;
  const planner = (cron as unknown as { spec: { jobTemplate: { spec: { template: { spec: Pod } } } } }).spec.jobTemplate
    .spec.template.spec;
  for (const { args, image, envFrom, securityContext } of [...workers.containers, ...planner.containers]) {
    if (args[0] === 'worker') await expectCall(args);
    else expect((await runCli([...args, '--help'])).code).toBe(0);
    expect(image).toMatch(/^registry\.example\/glance-cli:\d/);
    expect(envFrom).toEqual([{ secretRef: { name: 'glance-cli' } }]);
    expect(securityContext).toMatchObject({ runAsNonRoot: true, allowPrivilegeEscalation: false });
  }
  const [args = []] = workers.containers.map((each) => each.args);
  const drain = Number(args[args.indexOf('--drain-timeout') + 1]);
  expect(workers.terminationGracePeriodSeconds).toBeGreaterThan(drain + 10);
});

it('builds an image with a supported Node and the queue packages, that does not run as root', () => {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(['FROM', 'RUN', 'USER', 'ENTRYPOINT']);
  const { engines, peerDependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
  ) as { engines: { node: string }; peerDependencies: Readonly<Record<string, string>> };
  const major = Number(/^FROM node:(\d+)-slim$/.exec(lines[0] ?? '')?.[1]);
  expect(major).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
  for (const [name, range] of Object.entries(peerDependencies)) {
    expect(lines[1]).toContain(`${name}@${/\d+/.exec(range)?.[0] ?? ''}`);
  }
});
