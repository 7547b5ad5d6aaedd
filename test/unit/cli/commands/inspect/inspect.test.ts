import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { writeFixedVhd } from '../../../../../examples/demo/images/vhd.ts';
import { openFifo } from '../../../../../src/local/fifo.ts';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import { hazardCodes } from '../../../../../src/disk/parsing/hazards.ts';
import { reportKeys } from '../../../../../src/disk/report.ts';
import { vmdkDescriptor, writeStreamVmdk, writeVmdk } from '../../../../support/disk/writers.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

interface Sarif {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
    readonly results?: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
      }[];
    }[];
    readonly invocations: unknown;
  }[];
}

const content = { size: 8 * 1024 * 1024, pieces: [{ offset: 0, bytes: Buffer.alloc(2 * 1024 * 1024, 7) }] };
const good = writeQcow2(content);
const bad = writeQcow2(content, { backingFile: '/etc/passwd', backingFormat: 'raw' });
const large = Buffer.concat([good, Buffer.alloc(30 * 1024 * 1024, 1)]);
const entry = (id: string, bytes: Buffer, disk_format = 'qcow2', name = id) =>
  makeEntry(bytes, { id, name, disk_format });

describe('inspect of an image', () => {
  it('reads its first part, hangs up, and reports in JSON with every key', async () => {
    const server = await glance([entry('1', large)]);
    const result = await server.cli(['inspect', '1', '-f', 'json']);
    expect(result.code).toBe(0);
    const report = JSON.parse(result.stdout) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([...reportKeys]);
    expect(report).toMatchObject({
      id: '1',
      format: 'qcow2',
      container_format: 'bare',
      size: large.length,
      virtual_size: content.size,
      backing_file: null,
      declared: { disk_format: 'qcow2', container_format: 'bare' },
      hazards: [],
      safe: true,
      error: null,
    });
    expect(report['bytes_read']).toBeLessThan(1024 * 1024);
    expect(server.asked().filter((request) => request.startsWith('GET /v1/images'))).toHaveLength(1);
    await expect.poll(() => server.connections()).toBe(0);
  });

  it('that is unsafe exits with 11 and says why, in words that cannot control a terminal', async () => {
    const evil = writeQcow2(content, { backingFile: '/etc/\u001b[2Jpasswd' });
    const server = await glance([entry('1', evil)]);
    const result = await server.cli(['inspect', '1']);
    expect(result.code).toBe(11);
    expect(result.stdout).toContain('backing_file');
    expect(result.stdout).toContain('verdict: unsafe');
    expect(result.stdout + result.stderr).not.toContain('\u001b[2J');
    expect(result.stderr).toContain('[unsafe.image]');
  });

  it('warns of a qcow2 that is declared raw', async () => {
    const server = await glance([entry('1', bad, 'raw')]);
    const result = await server.cli(['inspect', '1', '-f', 'json']);
    expect(result.code).toBe(11);
    const { hazards } = JSON.parse(result.stdout) as { hazards: { code: string }[] };
    expect(hazards.map(({ code }) => code)).toEqual(['backing_file', 'format_mismatch']);
  });

  it('reads the end by a range if the store has ranges, and otherwise says that it did not', async () => {
    const padded = (image: Buffer): Buffer =>
      Buffer.concat([image.subarray(0, 128 * 1024), Buffer.alloc(8 * 1024 * 1024), image.subarray(128 * 1024)]);
    const vmdk = padded(writeStreamVmdk());
    const server = await glance([entry('1', vmdk, 'vmdk')]);
    const near = await server.cli(['inspect', '1', '-f', 'json']);
    expect([near.code, JSON.parse(near.stdout)]).toMatchObject([0, { format: 'vmdk', hazards: [] }]);
    const refusing = await glance(
      [entry('1', vmdk, 'vmdk')],
      [{ on: { where: ({ headers }) => headers['range'] !== undefined }, do: { type: 'status', status: 400 } }],
    );
    const far = await refusing.cli(['inspect', '1', '-f', 'json']);
    expect([far.code, JSON.parse(far.stdout)]).toMatchObject([
      11,
      { hazards: [{ code: 'end_unread', severity: 'unsafe' }] },
    ]);
    expect((JSON.parse(far.stdout) as { bytes_read: number }).bytes_read).toBeLessThan(1024 * 1024);
  });

  it('detects a fixed VHD by its end, and without ranges only warns', async () => {
    const vhd = writeFixedVhd(content);
    const server = await glance([entry('1', vhd, 'vhd')]);
    expect(JSON.parse((await server.cli(['inspect', '1', '-f', 'json'])).stdout)).toMatchObject({
      format: 'vhd',
      safe: true,
    });
    const refusing = await glance(
      [entry('1', vhd, 'vhd')],
      [{ on: { where: ({ headers }) => headers['range'] !== undefined }, do: { type: 'status', status: 400 } }],
    );
    const result = await refusing.cli(['inspect', '1', '-f', 'json']);
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([
      0,
      { format: 'raw', hazards: [{ code: 'end_unread' }] },
    ]);
  });

  it('does not wait for a server that stalls after the first part', async () => {
    const server = await glance(
      [entry('1', large)],
      [{ on: { method: 'GET', path: /\/1$/ }, do: { type: 'stall', afterBytes: 300_000 } }],
    );
    expect((await server.cli(['inspect', '1', '-f', 'json'])).code).toBe(0);
  });

  it('tries again after a break', async () => {
    const server = await glance(
      [entry('1', large)],
      [{ on: { method: 'GET', path: /\/1$/, times: 2 }, do: { type: 'reset', afterBytes: 1000 } }],
    );
    expect((await server.cli(['inspect', '1', '-f', 'json'])).code).toBe(0);
  });
});

describe('inspect of what lies here', () => {
  it('tells files from images by their form', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'disk.qcow2'), good);
    await writeFile(join(cwd, '1'), good);
    await mkdir(join(cwd, 'd'));
    for (const target of ['disk.qcow2', './disk.qcow2', 'd/../disk.qcow2', '1']) {
      const result = await runCli(['inspect', target, '-f', 'json'], { cwd });
      expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { id: null, format: 'qcow2' }]);
    }
    expect((await runCli(['inspect', './nothing'], { cwd })).code).toBe(8);
    expect((await runCli(['inspect'], { cwd })).code).toBe(2);
  });

  it('reads standard input no further than needed', async () => {
    const script = Buffer.from(vmdkDescriptor({ type: 'monolithicFlat', extents: ['RW 8 FLAT "/dev/sda" 0'] }));
    const result = await runCli(['inspect', '-', '-f', 'json'], { stdin: script.toString('latin1') });
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([11, { format: 'vmdk', path: null }]);
  });
});

describe('a signal ends inspect', () => {
  it('of a FIFO that nobody writes to', async () => {
    const cwd = await tempDir();
    execFileSync('mkfifo', ['fifo'], { cwd });
    const controller = new AbortController();
    const opening = openFifo(join(cwd, 'fifo'), controller.signal);
    controller.abort(new Interrupted('SIGINT'));
    await expect(opening).rejects.toBe(controller.signal.reason);
    await expect(openFifo(join(cwd, 'fifo'), controller.signal)).rejects.toBe(controller.signal.reason);
  });

  it('of a device without an end', async () => {
    const controller = new AbortController();
    const running = runCli(['inspect', '/dev/zero'], { signal: controller.signal });
    for (let turn = 0; turn < 50; turn++) {
      await new Promise(setImmediate);
    }
    controller.abort(new Interrupted('SIGTERM'));
    expect((await running).code).toBe(143);
  });
});

describe('inspect --all', () => {
  const catalog = [
    entry('1', good, 'qcow2', 'fine'),
    entry('2', bad, 'qcow2', 'needs another'),
    entry('3', Buffer.alloc(5000, 1), 'raw', 'plain'),
    entry('4', writeVmdk(), 'raw', 'lies'),
  ];

  it('inspects every image, in order, and exits with 11 if one is unsafe', async () => {
    const server = await glance(catalog);
    const result = await server.cli(['inspect', '--all', '--sort', 'id', '-f', 'json']);
    expect(result.code).toBe(11);
    const reports = JSON.parse(result.stdout) as { id: string; safe: boolean }[];
    expect(reports.map(({ id, safe }) => [id, safe])).toEqual([
      ['1', true],
      ['2', false],
      ['3', true],
      ['4', false],
    ]);
    expect(result.stderr).toContain(
      '4 images: 2 unsafe, 0 unread, 2 safe\nhazards: backing_file 1, format_mismatch 1\nformats: ',
    );
  });

  it('shows a table, and accepts the filters of list', async () => {
    const server = await glance(catalog);
    const result = await server.cli(['inspect', '--all', '--disk-format', 'raw']);
    expect(result.stdout).toMatch(/lies +raw +vmdk .* unsafe +format_mismatch/);
    expect(result.stdout).not.toContain('needs another');
  });

  it.each(['public', 'private', 'shared', 'community'])('takes --%s, the short form of --visibility', async (flag) => {
    const server = await glance([makeEntry(good, { id: '1', name: '1', disk_format: 'qcow2', visibility: 'public' })]);
    const [short, long] = [
      await server.cli(['inspect', '--all', `--${flag}`, '-f', 'csv', '-c', 'id,safe']),
      await server.cli(['inspect', '--all', '--visibility', flag, '-f', 'csv', '-c', 'id,safe']),
    ].map(({ code, stdout, stderr }) => ({ code, stdout, stderr }));
    expect(short).toEqual(long);
    expect(short?.stderr).not.toContain('cannot be used with');
  });

  it('prefers the name to the id on a narrow terminal', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const server = await glance([entry(id, bad, 'raw', 'needs another')]);
    const narrow = await server.cli(['inspect', '--all', '--no-color'], { stdoutColumns: 80 });
    expect(narrow.stdout).toMatch(/^needs another +raw +qcow2 +8\.0 MiB +unsafe +backing_file, /m);
    const wide = await server.cli(['inspect', '--all', '--no-color'], { stdoutColumns: 140 });
    expect(wide.stdout).toContain(`${id}  needs another  raw `);
  });

  it('continues after an image that cannot be read, and exits with 9 if that is the only problem', async () => {
    const faults = [{ on: { method: 'GET', path: /\/images\/1$/ }, do: { type: 'status', status: 403 } as const }];
    const server = await glance([entry('1', good), entry('3', Buffer.alloc(5000, 1), 'raw')], faults);
    const result = await server.cli(['inspect', '--all', '-f', 'ndjson']);
    expect(result.code).toBe(9);
    const reports = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(reports).toMatchObject([
      { id: '1', safe: null, error: { code: 'auth.forbidden' } },
      { id: '3', safe: true },
    ]);
  });

  it('prints SARIF that its schema accepts', async () => {
    const faults = [{ on: { method: 'GET', path: /\/images\/3$/ }, do: { type: 'status', status: 403 } as const }];
    const server = await glance(catalog, faults);
    const result = await server.cli(['inspect', '--all', '--sarif', '--sort', 'id']);
    expect(result.code).toBe(11);
    const log = JSON.parse(result.stdout) as Sarif;
    expect([log.$schema, log.version, log.runs.length]).toEqual([
      'https://json.schemastore.org/sarif-2.1.0.json',
      '2.1.0',
      1,
    ]);
    const { tool, results = [], invocations } = log.runs[0] as Sarif['runs'][number];
    expect(tool.driver).toMatchObject({ name: 'glance-cli', version: '0.0.0-test' });
    expect(tool.driver.rules.map(({ id }) => id)).toEqual([...Object.keys(hazardCodes), 'target_refused']);
    expect(results).toMatchObject([
      {
        ruleId: 'backing_file',
        level: 'error',
        message: { text: expect.stringContaining('needs another: ') as string },
      },
      { ruleId: 'format_mismatch', level: 'error', message: { text: 'lies: it is declared as raw, but is vmdk' } },
    ]);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri)).toEqual([
      'glance:images/2',
      'glance:images/4',
    ]);
    expect(invocations).toMatchObject([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          { level: 'error', message: { text: expect.stringMatching(/^plain: /) as string } },
        ],
      },
    ]);
  });

  it('prints SARIF for a single file, and for no findings', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'a disk'), good);
    const result = await runCli(['inspect', './a disk', '--sarif'], { cwd });
    const log = JSON.parse(result.stdout) as Sarif;
    expect([result.code, log.runs[0]?.results, log.runs[0]?.invocations]).toEqual([
      0,
      [],
      [{ executionSuccessful: true, toolExecutionNotifications: [] }],
    ]);
    await writeFile(join(cwd, 'a disk'), bad);
    const unsafe = JSON.parse((await runCli(['inspect', './a disk', '--sarif'], { cwd })).stdout) as Sarif;
    expect(unsafe.runs[0]?.results?.[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(
      `file://${cwd}/a%20disk`,
    );
  });

  it('--fail-on decides what is bad', async () => {
    const gzip = entry('5', Buffer.concat([Buffer.from('1f8b08', 'hex'), Buffer.alloc(5000)]), 'ami', 'warned of');
    const server = await glance([...catalog, gzip]);
    expect((await server.cli(['inspect', '--all', '--fail-on', 'never'])).code).toBe(0);
    expect((await server.cli(['inspect', '1', '--fail-on', 'warning'])).code).toBe(0);
    expect((await server.cli(['inspect', '5'])).code).toBe(0);
    expect((await server.cli(['inspect', '5', '--fail-on', 'warning'])).code).toBe(11);
    const all = await server.cli(['inspect', '--all', '--fail-on', 'warning', '--error-format', 'json']);
    expect([all.code, all.error()['message']]).toEqual([11, '3 of 5 images are not safe, or safe with warnings']);
  });

  it('prints CSV, a line for each image', async () => {
    const server = await glance(catalog);
    const { stdout } = await server.cli(['inspect', '--all', '--sort', 'id', '-f', 'csv', '-c', 'id', '-c', 'safe']);
    expect(stdout).toBe('id,safe\n1,true\n2,false\n3,true\n4,false\n');
  });

  it('inspects no more at once than --jobs', async () => {
    const many = Array.from({ length: 12 }, (_, index) => entry(String(index), Buffer.alloc(70_000, 1), 'raw'));
    const faults = [
      { on: { method: 'GET', path: /\/images\/\d+$/ }, do: { type: 'stall', afterBytes: null } as const },
    ];
    const server = await glance(many, faults);
    const controller = new AbortController();
    const running = server.cli(['inspect', '--all', '--jobs', '3'], { signal: controller.signal });
    await server.waitForStalls(3);
    controller.abort(new Interrupted('SIGINT'));
    expect((await running).code).toBe(130);
    expect(server.asked().filter((request) => /\/images\/\d+$/.test(request))).toHaveLength(3);
  });

  it.each(['ndjson', 'table'])('that is cut off says where to resume, and then misses nothing: %s', async (format) => {
    const list = Array.from({ length: 7 }, (_, index) => entry(`i${String(index)}`, good));
    const breaks = [{ on: { path: /marker=i3/ }, do: { type: 'status', status: 500 } as const }];
    const argv = ['inspect', '--all', '--page-size', '2', '-f', format, '-c', 'id', '--error-format', 'human'];
    const first = await (await glance(list, breaks)).cli(argv);
    expect(first.code).toBe(5);
    expect(first.stderr).toContain('4 images: 0 unsafe, 0 unread, 4 safe');
    const [, marker = ''] = /the same call with --marker (\S+) resumes from here/.exec(first.stderr) ?? [];
    const rest = await (await glance(list)).cli([...argv, '--marker', marker]);
    expect(rest.code).toBe(0);
    expect((first.stdout + rest.stdout).match(/i\d/g)).toEqual(['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6']);
  });
});

describe('download', () => {
  it('warns of an unsafe image, and with --require-safe never gives it its name', async () => {
    const server = await glance([entry('1', bad, 'qcow2', 'web')]);
    const cwd = await tempDir();
    const warned = await server.cli(['download', '1', '-o', 'a', '--progress', 'none'], { cwd });
    expect(warned.code).toBe(0);
    expect(warned.stderr).toContain('warning: web is not safe (backing_file');
    const refused = await server.cli(['download', '1', '-o', 'b', '--require-safe', '-f', 'json'], { cwd });
    expect([refused.code, refused.error()['code']]).toEqual([11, 'unsafe.image']);
    expect(await readdir(cwd)).toEqual(['a']);
  });

  it('--require-safe inspects an existing file, and a part that is resumed', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f'), bad);
    const server = await glance([entry('1', bad)]);
    expect((await server.cli(['download', '1', '-o', 'f', '--require-safe'], { cwd })).code).toBe(11);
    const other = await tempDir();
    const breaking = await glance(
      [entry('1', bad)],
      [{ on: { method: 'GET', path: /\/1$/, times: 1 }, do: { type: 'cut', afterBytes: 1_500_000 } }],
    );
    expect((await breaking.cli(['download', '1', '-o', 'f', '--retries', '0'], { cwd: other })).code).toBe(5);
    expect((await breaking.cli(['download', '1', '-o', 'f', '--require-safe'], { cwd: other })).code).toBe(11);
    expect(await readdir(other)).toEqual([]);
  });

  it('--require-safe lets a safe image pass', async () => {
    const server = await glance([entry('1', good)]);
    const cwd = await tempDir();
    expect((await server.cli(['download', '1', '-o', 'f', '--require-safe'], { cwd })).code).toBe(0);
    expect(await readdir(cwd)).toEqual(['f']);
  });
});
