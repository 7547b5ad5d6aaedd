import { spawnSync } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quoteValue, splitLine } from '../../../../src/docs/completion/command-line.ts';
import { v2Versions } from '../../../../src/server/versions.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { type CliOptions, eagerClock, runCli } from '../../../support/run-cli.ts';
import { shellProgram } from '../../../support/spawn-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const wordBreaks = ' \t\n"\'><=;|&(:';

async function scriptFor(shell: string): Promise<string> {
  const result = await runCli(['completion', shell]);
  expect([result.code, result.stderr]).toEqual([0, '']);
  return result.stdout;
}

/** What bash gets for a line up to the cursor: which paths to offer, then candidates. */
async function answerTo(line: string, options: CliOptions = {}): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runCli(['__complete', 'bash', line, wordBreaks], options);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\n').slice(0, -1);
}

const catalog = [
  makeEntry('1', { id: '1', name: 'Ubuntu 24.04 LTS' }),
  makeEntry('2', { id: 'cafe0000-0000-4000-8000-000000000002', name: 'cirros:0.6' }),
  makeEntry('3', { id: '3', name: `it's $(touch x) "quoted"` }),
  makeEntry('4', { id: '4', name: 'evil\u001b[2J' }),
];

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s asks the program', async (shell) => {
    expect(await scriptFor(shell)).toContain(`__complete ${shell} `);
  });

  it('refuses a shell that it does not know', async () => {
    const result = await runCli(['completion', 'tcsh', '--error-format', 'json']);
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.error()['message']).toContain('tcsh');
  });

  it.each([
    ['glance-cli veri', ['none', 'verify']],
    ['glance-cli m', ['none', 'members', 'mirror']],
    ['glance-cli help ex', ['none', 'exit-codes']],
    ['glance-cli --os-cl', ['none', '--os-cloud']],
    ['glance-cli download --spa', ['none', '--sparse']],
    ['glance-cli image save --spa', ['none', '--sparse']],
    ['glance-cli download --sparse ', ['none', 'auto', 'always', 'never']],
    ['glance-cli download --sparse=a', ['none', 'auto', 'always']],
    ['glance-cli -f nd', ['none', 'ndjson']],
    ['glance-cli -f json inspect --fail', ['none', '--fail-on']],
    ['glance-cli list -c che', ['none', 'checksum']],
    ['glance-cli show x --column=os_hash_v', ['none', 'os_hash_value']],
    ['glance-cli members x -c mem', ['none', 'member_id']],
    ['glance-cli stores -c de', ['none', 'description', 'default']],
    ['glance-cli download x -c resumed', ['none', 'resumed_from']],
    ['glance-cli download x --dry-run -c ke', ['none', 'kept']],
    ['glance-cli inspect x -c haz', ['none', 'hazards']],
    ['glance-cli files x -c ta', ['none', 'target']],
    ['glance-cli verify x -c mis', ['none']],
    ['glance-cli verify x -c stat', ['none', 'status']],
    ['glance-cli mirror x -c rea', ['none', 'reason']],
    ['glance-cli queue failed -c kin', ['none', 'kind']],
    ['glance-cli doctor -c che', ['none', 'check']],
    ['glance-cli serve x -c ', ['none']],
    ['glance-cli list --disk-format qc', ['none', 'qcow2']],
    ['glance-cli show --not-here', ['none']],
    ['glance-cli nosuch ', ['none']],
    ['glance-cli download image -o ', ['files']],
    ['glance-cli verify ', ['files']],
    ['glance-cli mirror ', ['directories']],
    ['glance-cli --os-cacert ', ['files']],
    ['glance-cli completion ', ['none', 'bash', 'zsh', 'fish']],
    ['glance-cli $(touch x) show ', ['none']],
  ])('offers what fits for %j', async (line, expected) => {
    expect(await answerTo(line)).toEqual(expected);
  });

  it.each([['nosuch'], ['bash'], ['zsh', '--', '"'], ['fish']])('never fails: %j', async (...words) => {
    const { code, stderr } = await runCli(['__complete', ...words]);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('parses a line without evaluating anything', () => {
    expect(splitLine(`a 'b c' d\\ e "f $(g) \\"h" $(i`).words).toEqual(['a', 'b c', 'd e', 'f $(g) "h', '$(i']);
    expect(splitLine(`show "x y`)).toEqual({ words: ['show', 'x y'], rawLast: '"x y', quote: '"' });
    for (const value of [`it's`, 'a b', '$(x)', '"', '\\', 'ä:b']) {
      expect(splitLine(quoteValue(value, '')).words).toEqual([value]);
      expect(splitLine(`"${quoteValue(value, '"')}"`).words).toEqual([value]);
    }
  });
});

describe('completion of images', () => {
  it('offers names quoted for the shell, and none that could control a terminal', async () => {
    const server = await glance(catalog);
    const env = { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href };
    expect(await answerTo('glance-cli show Ub', { env })).toEqual(['none', 'Ubuntu\\ 24.04\\ LTS']);
    expect(await answerTo("glance-cli show 'Ub", { env })).toEqual(['none', 'Ubuntu 24.04 LTS']);
    expect(await answerTo('glance-cli show it', { env })).toEqual([
      'none',
      `it\\'s\\ \\$\\(touch\\ x\\)\\ \\"quoted\\"`,
    ]);
    expect(await answerTo('glance-cli show cirros:', { env })).toEqual(['none', '0.6']);
    expect(await answerTo('glance-cli show evil', { env })).toEqual(['none']);
    expect(await answerTo('glance-cli inspect nosuch', { env })).toEqual(['files']);
  });

  it('offers what a pattern would match, within the filters on the line', async () => {
    const images = ['ubuntu-20.04', 'ubuntu-22.04', 'debian-12'].map((name, index) =>
      makeEntry('', {
        id: String(index + 1),
        name,
        tags: index === 1 ? ['prod'] : [],
        status: index === 2 ? 'queued' : 'active',
      }),
    );
    const server = await glance(images, [], { versions: v2Versions });
    const env = { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href };
    const offered = async (line: string): Promise<readonly string[]> =>
      (await answerTo(line, { env })).slice(1).toSorted();
    expect(await offered("glance-cli show '*-2")).toEqual(['ubuntu-20.04', 'ubuntu-22.04']);
    expect(await offered("glance-cli download 'ubuntu-2[0-1]")).toEqual(['ubuntu-20.04']);
    expect(await offered("glance-cli download 'UBUNTU*")).toEqual([]);
    expect(await offered('glance-cli download --tag prod ')).toEqual(['ubuntu-22.04']);
    expect(await offered('glance-cli show --status=queued ')).toEqual(['debian-12']);
  });

  it('offers ids when the word looks like one, and reads the endpoint from the line', async () => {
    const server = await glance(catalog);
    const line = `glance-cli --endpoint ${server.url.href} show`;
    expect(await answerTo(`${line} caf`)).toEqual(['none', 'cafe0000-0000-4000-8000-000000000002']);
    expect(await answerTo(`${line} C`)).toEqual(['none']);
  });

  it('asks once a minute, caches names readable by their owner only, and uses old ones if nobody answers', async () => {
    const server = await glance(catalog);
    const cache = await tempDir();
    const env = { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href, XDG_CACHE_HOME: cache };
    const asked = async (options: CliOptions) => {
      const before = server.requests.length;
      const answer = await answerTo('glance-cli show Ub', options);
      expect(answer).toEqual(['none', 'Ubuntu\\ 24.04\\ LTS']);
      return server.requests.length > before;
    };
    expect([await asked({ env }), await asked({ env })]).toEqual([true, false]);
    const directory = join(cache, 'glance-cli', 'names');
    const [file = ''] = await readdir(directory);
    expect([(await stat(directory)).mode % 0o1000, (await stat(join(directory, file))).mode % 0o1000]).toEqual([
      0o700, 0o600,
    ]);
    await server.close();
    const later = { ...eagerClock, wallTime: () => Date.now() + 61_000 };
    expect(await asked({ env, clock: later })).toBe(false);
    expect((await runCli(['logout'], { env })).code).toBe(0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('reuses the names of a complete list', async () => {
    const server = await glance(catalog);
    const env = { XDG_CACHE_HOME: await tempDir() };
    await server.cli(['list', '--status', 'active'], { env });
    expect(await readdir(env.XDG_CACHE_HOME)).toEqual([]);
    await server.cli(['list', '-f', 'json'], { env });
    const before = server.requests.length;
    await answerTo('glance-cli show Ub', { env: { ...env, OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href } });
    expect(server.requests.length).toBe(before);
  });

  it('never logs in', async () => {
    const server = await glance(catalog);
    const env = { OS_AUTH_URL: `${server.url.href}v3`, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'x' };
    expect(await answerTo('glance-cli show Ub', { env })).toEqual(['none']);
    expect(server.requests).toEqual([]);
  });

  it('offers the clouds of clouds.yaml without asking any server', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'clouds.yaml'), 'clouds:\n  prod: {}\n  preview: {}\n  other: {}\n');
    expect(await answerTo('glance-cli --os-cloud pr', { cwd })).toEqual(['none', 'prod', 'preview']);
  });

  it.each([
    ['glance-cli --os-cloud prod --os-region-name ', {}, ['none', 'north', 'south', 'own']],
    ['glance-cli --os-region-name n', { OS_CLOUD: 'prod' }, ['none', 'north']],
    ['glance-cli --os-region-name n', {}, ['none']],
    ['glance-cli --os-cloud nosuch --os-region-name n', {}, ['none']],
  ])('offers the regions that clouds.yaml has for the cloud: %s', async (line, env, expected) => {
    const cwd = await tempDir();
    const text = 'clouds:\n  prod:\n    region_name: own\n    regions: [north, { name: south }]\n';
    await writeFile(join(cwd, 'clouds.yaml'), text);
    expect(await answerTo(line, { cwd, env })).toEqual(expected);
  });
});

/** A directory for PATH, with the built program under its name, and the environment of a shell. */
async function shellPlace(): Promise<{ cwd: string; env: Record<string, string> }> {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'bin'));
  await writeFile(join(cwd, 'bin', 'glance-cli'), `#!/bin/sh\nexec ${shellProgram} "$@"\n`, { mode: 0o755 });
  const server = await glance(catalog);
  const path = `${join(cwd, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { PATH: path, HOME: cwd, TERM: 'dumb', OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href };
  await server.cli(['list', '-f', 'json'], { env, homedir: cwd, cwd });
  return { cwd, env };
}

describe.runIf(hasShell('bash'))('completion in bash (skipped where bash is not installed)', () => {
  it.each([
    ['glance-cli veri', ['verify']],
    ['glance-cli show Ub', ['Ubuntu\\ 24.04\\ LTS']],
    ['glance-cli show cirros:', ['0.6']],
    ['glance-cli show $(touch pwned) Ub', ['Ubuntu\\ 24.04\\ LTS']],
    ['glance-cli show "it\'s $(touch pwned)', ['']],
  ])('offers what fits for %j, and runs none of it', async (line, expected) => {
    const { cwd, env } = await shellPlace();
    const script = `${await scriptFor('bash')}
      COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=(glance-cli); _glance_cli; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', line], {
      encoding: 'utf8',
      cwd,
      env,
    });
    expect([stdout.split('\n').slice(0, -1), stderr]).toEqual([expected, '']);
    expect(await readdir(cwd)).not.toContain('pwned');
  });
});

describe.runIf(hasShell('zsh'))('completion in zsh (skipped where zsh is not installed)', () => {
  it('is accepted by zsh', async () => {
    const { status, stderr } = spawnSync('zsh', ['-n'], { input: await scriptFor('zsh'), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('hands candidates to compadd', async () => {
    const { cwd, env } = await shellPlace();
    const script = `compdef() { :; }
      ${await scriptFor('zsh')}
      compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@"; }
      words=(glance-cli show 'Ub'); CURRENT=3; _glance_cli
      words=(glance-cli show '$(touch pwned)'); CURRENT=3; _files() { print -r -- files; }; _glance_cli
      words=(glance-cli verify ''); CURRENT=3; _glance_cli`;
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8', cwd, env });
    expect([stdout, stderr]).toEqual(['Ubuntu 24.04 LTS\nfiles\n', '']);
    expect(await readdir(cwd)).not.toContain('pwned');
  });
});

describe.runIf(hasShell('fish'))('completion in fish (skipped where fish is not installed)', () => {
  it.each([
    ['glance-cli show Ub', 'Ubuntu 24.04 LTS\t1\n'],
    ['glance-cli show $(touch pwned) ver', ''],
    ['glance-cli veri', 'verify\tcompare a file or a mirror with its digests\n'],
  ])('offers what fits for %j, and runs none of it', async (line, expected) => {
    const { cwd, env } = await shellPlace();
    const path = join(cwd, 'completion.fish');
    await writeFile(path, await scriptFor('fish'));
    const script = `source ${path}; complete -C ${JSON.stringify(line).replaceAll('$', '\\$')}`;
    const { stdout, stderr } = spawnSync('fish', ['-N', '-c', script], { encoding: 'utf8', cwd, env });
    expect([stdout, stderr]).toEqual([expected, '']);
    expect(await readdir(cwd)).not.toContain('pwned');
  });
});
