// Texts name options as their reader writes them: as in the library for a program, as in the command for its user.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namedOptions, withOptions } from '../../../../src/cli/console/option-names.ts';
import { buildProgram } from '../../../../src/cli/tree/program.ts';
import { GlanceClient, GlanceError, renderSarif } from '../../../../src/index.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const twins = ['1', '2'].map((id) => makeEntry(id, { id, name: 'twin' }));
const catalog = [...twins, makeEntry('3', { id: '3', name: 'single' })];

/** A Glance with two images of one name and one more, a client of it, and a directory with a file `f`. */
async function open() {
  const [server, directory] = [await glance(catalog), await tempDir()];
  const client = await GlanceClient.connect({ endpoint: server.url });
  onTestFinished(() => client.close());
  const path = join(directory, 'f');
  await writeFile(path, 'something else');
  const run = async (...argv: string[]) =>
    await runCli(['--endpoint', server.url.href, '--error-format', 'json', ...argv], { cwd: directory });
  return { client, path, run };
}

async function failureOf(work: Promise<unknown>): Promise<GlanceError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GlanceError)) throw new TypeError('it did not fail as it should', { cause: error });
  return error;
}

describe('what the engine says', () => {
  it('names options of the library to a program, and those of the command to its user', async () => {
    const { client, path, run } = await open();
    const found = await failureOf(client.find('twin'));
    expect(found.facts.hint).toBe('give the id, or `latest` for the newest');
    expect((await run('show', 'twin')).error()).toMatchObject({ hint: 'give the id, or --latest for the newest' });
    const there = await failureOf(client.download('1', path));
    expect(there.facts.hint).toBe('give `force` to replace it');
    expect((await run('download', '1', '-o', 'f')).error()).toMatchObject({ hint: 'give --force to replace it' });
    const record = await failureOf(client.verify(path, '1', { expect: ['nonsense'] }));
    expect(`${record.message} ${String(record.facts.hint)}`).not.toContain('--');
  });

  it('does so in messages, including those about one of several images', async () => {
    const { client, path, run } = await open();
    const message = '`trustedCert` works with `verifySignature` only';
    expect(await failureOf(client.download('1', path, { trustedCert: ['c.pem'] }))).toMatchObject({ message });
    const typed = '--trusted-cert works with --verify-signature only';
    expect((await run('download', '1', '-o', 'g', '--trusted-cert', 'c.pem')).error()).toMatchObject({
      message: typed,
    });
    const several = await run('download', '1', '3', '-O', '-f', 'json', '--trusted-cert', 'c.pem');
    expect(several.error()['failures']).toMatchObject([{ message: typed }, { message: typed }]);
    const errors = (JSON.parse(several.stdout) as { error: unknown }[]).map(({ error }) => error);
    expect(errors).toMatchObject([{ message: typed }, { message: typed }]);
    expect(several.stderr).not.toContain('`');
  });

  it('names a setting of a cloud by its name in clouds.yaml, or by its flag', async () => {
    const directory = await tempDir();
    const clouds = join(directory, 'clouds.yaml');
    await writeFile(clouds, 'clouds: {c: {auth_type: none, regions: [A, B]}}', { mode: 0o600 });
    const env = { OS_CLIENT_CONFIG_FILE: clouds };
    const client = await GlanceClient.connect({ cloud: 'c', env, settings: new Map([['region_name', 'C']]) });
    onTestFinished(() => client.close());
    const message = 'region_name: cloud "c" has no region "C"; it has A, B';
    expect(await failureOf(client.api())).toMatchObject({ code: 'cloud.region', message });
    const argv = ['list', '--os-cloud', 'c', '--os-region-name', 'C', '--error-format', 'json'];
    const typed = message.replace('region_name', '--os-region-name');
    expect((await runCli(argv, { env })).error()).toMatchObject({ code: 'cloud.region', message: typed });
  });

  it('words the advice in SARIF for its reader', async () => {
    let log = '';
    for await (const piece of renderSarif([])) log += piece;
    expect(log).toContain('download it with `requireSafe`, which reads all of it');
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f'), 'something');
    const { stdout } = await runCli(['inspect', 'f', '--sarif'], { cwd });
    expect(stdout).toContain('download it with --require-safe, which reads all of it');
  });
});

describe('the names of options', () => {
  it('all belong to options of some command', () => {
    const program = buildProgram('0', () => Promise.resolve());
    const taken = [program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long));
    expect(namedOptions.filter((option) => !taken.includes(option))).toEqual([]);
  });

  it.each([
    ['give `expect: ALG:HEX`', 'give --expect ALG:HEX'],
    ['or `spaceCheck: false`, `force`', 'or --no-space-check, --force'],
    ['`spaceCheck`, `constructor`, `a b`, ``, `force', '`spaceCheck`, `constructor`, `a b`, ``, `force'],
  ])('appear in %s as in %s', (text, typed) => {
    expect(withOptions(text)).toBe(typed);
  });
});
