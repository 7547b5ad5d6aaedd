// Whether a Glance would accept an image: in every format, for files, streams, images and places, and its effect on exit codes.
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { AuditTally, GlanceClient, inspectFile, inspectStream, type Report } from '../../../../../src/index.ts';
import { writeLuks, writeQed, writeStreamVmdk, writeVhdx } from '../../../../support/disk/writers.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { expectValid } from '../../../../support/schemas/schemas.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const good = writeQcow2({ size: 1024 * 1024, pieces: [] });
const entry = (id: string, bytes: Buffer, disk_format: string, more: object = {}) =>
  makeEntry(bytes, { id, name: `image ${id}`, disk_format, ...more });
const catalog = [
  entry('1', good, 'qcow2'),
  entry('2', good, 'vmdk'),
  entry('3', writeLuks(1), 'raw', { properties: { os_encrypt_format: 'LUKS' } }),
  entry('4', good, 'qcow2', { properties: { os_encrypt_format: 'LUKS' } }),
];
const targetOf = ({ stdout }: { readonly stdout: string }): unknown => (JSON.parse(stdout) as Report).target;
const taken = { release: 'glance-2026.1', accepted: true, reasons: [] };

describe('inspect --target', () => {
  it('adds the verdict to the report without changing any exit code', async () => {
    const server = await glance(catalog);
    const asked = await server.cli(['inspect', '1', '--target', 'glance-2026.1', '-f', 'json']);
    expect([asked.code, targetOf(asked)]).toEqual([0, taken]);
    expectValid('inspect-report', JSON.parse(asked.stdout));
    expect(targetOf(await server.cli(['inspect', '1', '-f', 'json']))).toBe(null);
    const text = await server.cli(['inspect', '1', '--target', 'glance-2025.1']);
    expect([text.code, text.stdout]).toEqual([
      0,
      expect.stringMatching(/glance-2025\.1 +its content inspection accepts/),
    ]);
  });

  it('says why an image would be refused, and where that is decided', async () => {
    const server = await glance(catalog);
    const args = ['inspect', '2', '--target', 'glance-2025.1'];
    const refused = await server.cli([...args, '-f', 'json', '--fail-on', 'never']);
    expect([refused.code, targetOf(refused)]).toEqual([
      0,
      {
        release: 'glance-2025.1',
        accepted: false,
        reasons: [
          {
            code: 'format_mismatch',
            message: 'it is declared as vmdk, but detected as qcow2',
            source: 'glance stable/2025.1, glance/location.py: ImageProxy.set_data',
          },
        ],
      },
    ]);
    expectValid('inspect-report', JSON.parse(refused.stdout));
    const { stdout } = await server.cli(args);
    expect(stdout).toMatch(/refuses an upload of it\n.*format_mismatch +it is declared as vmdk/s);
    expect(stdout).toContain('glance/location.py: ImageProxy.set_data');
  });

  it('exits with 11 for a safe image that would be refused only with --fail-on target', async () => {
    const cwd = await tempDir();
    // Safe to us, with a warning: extended L2 entries are a feature that Glance does not know.
    const extended = writeQcow2({ size: 1024 * 1024, pieces: [] });
    extended.writeUInt8(0x10, 79);
    await writeFile(join(cwd, 'a.qcow2'), extended);
    const args = ['inspect', './a.qcow2', '--target', 'glance-2026.1'];
    const calm = await runCli([...args, '-f', 'json'], { cwd });
    expect(targetOf(calm)).toMatchObject({ accepted: false, reasons: [{ code: 'unknown_features' }] });
    const strict = await runCli([...args, '--fail-on', 'target'], { cwd });
    expect(strict.code).toBe(11);
    if (calm.code === 0) expect(strict.stderr).toContain('glance-2026.1 would refuse');
    expect(await runCli(['inspect', './a.qcow2', '--fail-on', 'target'], { cwd })).toMatchObject({ code: 2 });
    expect(await runCli(['inspect', './a.qcow2', '--target', 'glance-2024.1'], { cwd })).toMatchObject({ code: 2 });
  });

  it.each([
    ['a QED', writeQed(), false, ['banned']],
    ['a VHDX', writeVhdx(), true, []],
    ['a VMDK with a footer', writeStreamVmdk(), true, []],
    ['LUKS 2', writeLuks(2), false, ['version']],
  ] as const)('knows %s in a file, on standard input and in a place', async (_what, bytes, accepted, codes) => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'image'), bytes);
    const path = join(cwd, 'image');
    const reports = [
      await inspectFile(path, { target: 'glance-2026.1' }),
      await inspectStream(createReadStream(path), { target: 'glance-2026.1' }),
    ];
    for (const { target } of reports) {
      expect([target?.accepted, target?.reasons.map(({ code }) => code)]).toEqual([accepted, codes]);
    }
  });
});

describe('inspect --all --target', () => {
  it('has a column, is counted by --fail-on target, and warns about a wrong os_encrypt_format', async () => {
    const server = await glance(catalog);
    const args = ['inspect', '--all', '--target', 'glance-2026.1'];
    const json = await server.cli([...args, '-f', 'json']);
    const reports = JSON.parse(json.stdout) as Report[];
    expect(reports.map(({ target }) => target?.accepted)).toEqual([true, false, true, true]);
    expect(reports.map(({ hazards }) => hazards.map(({ code }) => code))).toEqual([
      [],
      ['format_mismatch'],
      [],
      ['encryption_mismatch'],
    ]);
    const table = await server.cli([...args, '--fail-on', 'target']);
    expect([table.code, table.stdout]).toEqual([11, expect.stringMatching(/TARGET.*refused: format_mismatch/s)]);
    expect(table.stderr).toContain('1 of 4 images is not safe, or would be refused');
  });

  it('gives a result in SARIF for each reason, with a rule of its own', async () => {
    const server = await glance(catalog);
    const { stdout } = await server.cli(['inspect', '--all', '--target', 'glance-2026.1', '--sarif']);
    const [run] = (JSON.parse(stdout) as { runs: { results: { ruleId: string; message: { text: string } }[] }[] }).runs;
    const texts = run?.results.filter(({ ruleId }) => ruleId === 'target_refused').map(({ message }) => message.text);
    expect(texts).toEqual([expect.stringMatching(/^image 2: glance-2026\.1 would refuse it: .* \(glance stable/)]);
  });
});

it('is available to programs, for images too', async () => {
  const server = await glance(catalog);
  const client = await GlanceClient.connect({ endpoint: server.url });
  onTestFinished(() => client.close());
  expect((await client.inspect(await client.find('1'), { target: 'glance-2026.1' })).target).toEqual(taken);
  const tally = new AuditTally('target');
  for await (const report of client.audit({}, { target: 'glance-2025.1' })) tally.add(report);
  expect(tally.bad).toBe(1);
});

it('judges an image in a mirror by its record', async () => {
  const [cwd, server] = [await tempDir(), await glance(catalog.slice(1, 2))];
  await mkdir(join(cwd, 'm'));
  await server.cli(['mirror', 'm'], { cwd });
  const kept = await runCli(['inspect', './m/2', '--target', 'glance-2026.1', '-f', 'json'], { cwd });
  expect(targetOf(kept)).toMatchObject({ accepted: false, reasons: [{ code: 'format_mismatch' }] });
});
