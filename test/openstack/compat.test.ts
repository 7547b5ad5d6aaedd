// `--compat openstack` compared with the real client: the same bytes.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start } from '../support/spawn-cli.ts';
import { glanceCli } from './support/cli.ts';
import { runningStack, sampleId, stack } from './support/stack.ts';

const hasClient = ((): boolean => {
  if (stack === null) return false;
  try {
    execFileSync('openstack', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('openstack is not installed: --compat openstack is not compared with it\n');
    return false;
  }
})();

const env = (): Record<string, string> => ({
  OS_CLIENT_CONFIG_FILE: join(runningStack().state, 'clouds.yaml'),
  OS_CLOUD: 'demo',
  HOME: join(runningStack().state, 'home-of-tests'),
  LANG: 'C.UTF-8',
  XDG_CACHE_HOME: join(runningStack().state, 'cache-of-tests'),
});

interface Printed {
  readonly code: number | null;
  readonly stdout: string;
}

/** The output of both, ours first. */
async function printBoth(argv: readonly string[]): Promise<readonly [Printed, Printed]> {
  const { code, stdout } = await start(['openstack', ...argv], env(), runningStack().state).ended;
  const ours = await glanceCli(['--compat', 'openstack', ...argv], { as: null, endpoint: null, env: env() });
  return [
    { code: ours.code, stdout: ours.stdout },
    { code, stdout: stdout.toString('utf8') },
  ];
}

// Debian's client has no hash columns yet.
const longColumns = [
  'ID',
  'Name',
  'Disk Format',
  'Container Format',
  'Size',
  'Checksum',
  'Status',
  'Visibility',
  'Protected',
  'Project',
  'Tags',
];
const chosen = longColumns.flatMap((column) => ['-c', column]);

describe.skipIf(!hasClient)('--compat openstack prints what openstack prints', () => {
  test.each([
    ['list in JSON, every image', ['image', 'list', '-f', 'json']],
    ['list in YAML', ['image', 'list', '-f', 'yaml']],
    ['list in CSV, long', ['image', 'list', '--long', '-f', 'csv', ...chosen]],
    ['list in JSON, long, on one line', ['image', 'list', '--long', '-f', 'json', '--noindent', ...chosen]],
    ['list as a table', ['image', 'list', '--status', 'queued']],
    ['list as values, one column', ['image', 'list', '--status', 'queued', '-f', 'value', '-c', 'ID']],
    ['list of nothing', ['image', 'list', '--name', 'nothing-of-that-name', '-f', 'json']],
  ])('%s', async (_what, argv) => {
    const [ours, theirs] = await printBoth(argv);
    expect(ours).toEqual(theirs);
    expect(ours.stdout).not.toBe('');
  });

  test.each(['table', 'json', 'yaml', 'value', 'shell'])('show in %s', async (format) => {
    for (const number of [1, 20, 40]) {
      const [ours, theirs] = await printBoth(['image', 'show', sampleId(number), '-f', format]);
      expect(ours).toEqual(theirs);
      expect(ours.stdout).not.toBe('');
    }
  });
});
