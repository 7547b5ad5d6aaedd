import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseV2Image } from '../../../../src/image/v2/records.ts';
import { type CompatShowOptions, renderCompatShow } from '../../../../src/output/compat/show.ts';
import { printed } from './printed-shows.ts';
import { records } from './recorded.ts';

const [image, queued] = records.map((record) => parseV2Image(record));
if (image === undefined || queued === undefined) throw new Error('images are missing');

const defaults: CompatShowOptions = {
  image,
  format: 'json',
  selected: null,
  prefix: '',
  humanReadable: false,
  indent: true,
  maxWidth: null,
  isTerminal: false,
};

const render = async (options: Partial<CompatShowOptions>): Promise<string> =>
  await renderCompatShow({ ...defaults, ...options });

const parse = async (options: Partial<CompatShowOptions>): Promise<Record<string, unknown>> =>
  JSON.parse(await render({ ...options, format: 'json' })) as Record<string, unknown>;

const withProperties = (properties: Record<string, string | null>) => ({ image: { ...queued, properties } });

describe('openstack image show', () => {
  it.each(['json', 'yaml', 'shell'] as const)('is printed exactly as %s', async (format) => {
    expect(await render({ format })).toBe(printed[`show ${format}`]);
  });

  it("is printed exactly as value, with containers in Python's form", async () => {
    expect(await render({ format: 'value' })).toBe(printed['show value']);
  });

  it('is printed exactly as a table, wrapped if there is no room', async () => {
    expect(await render({ format: 'table' })).toBe(printed['show table']);
    expect(await render({ format: 'table', maxWidth: 60 })).toBe(printed['show narrow']);
  });

  it('leaves unset fields out', async () => {
    expect(await render({ image: queued, format: 'table' })).toBe(printed['show queued']);
  });

  it('keeps the hash, the stores and the locations among the properties', async () => {
    const { properties } = await parse({});
    expect(properties).toMatchObject({ os_hash_algo: 'sha512', stores: 'fast,slow', direct_url: 'rbd://pool/1' });
  });

  it('is one line with --noindent, with the requested columns', async () => {
    expect(await render({ selected: ['STATUS', 'nonsense', 'Min Disk'], indent: false })).toBe(
      '{"min_disk": 0, "status": "active"}\n',
    );
    await expect(render({ selected: ['nope'] })).rejects.toMatchObject({ code: 'usage.argument' });
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1250, '1.2K'],
    [1350, '1.4K'],
    [3_145_728, '3.1M'],
    [4_000_000_000, '4G'],
  ])('shows %i bytes as %s with --human-readable', async (size, text) => {
    expect(await parse({ image: { ...image, size }, humanReadable: true })).toMatchObject({ size: text });
  });
});

describe('properties that the SDK knows', () => {
  it('are cast: whole numbers, numbers, and any text except none is true', async () => {
    const known = {
      hw_cpu_cores: ' 1_000 ',
      instance_type_rxtx_factor: '1e16',
      hw_boot_menu: 'false',
      hw_vif_multiqueue_enabled: '',
      needs_secure_boot: 'required',
    };
    const text = await render({ ...withProperties(known), selected: ['properties'], indent: false });
    expect(text).toBe(
      '{"properties": {"os_hidden": false, "instance_type_rxtx_factor": 1e+16, "os_secure_boot": "required", ' +
        '"hw_cpu_cores": 1000, "hw_vif_multiqueue_enabled": false, "hw_boot_menu": true}}\n',
    );
  });

  it('stay text if they cannot be cast', async () => {
    const { properties } = await parse(withProperties({ hw_cpu_cores: 'two', instance_type_rxtx_factor: 'fast' }));
    expect(properties).toMatchObject({ hw_cpu_cores: 'two', instance_type_rxtx_factor: 'fast' });
  });

  it('are omitted if they are null, while others are shown as null', async () => {
    const nulls = { ...withProperties({ hw_cpu_cores: null, mine: null }), selected: ['properties'] };
    expect(await parse(nulls)).toEqual({ properties: { os_hidden: false, mine: null } });
    expect(await render({ ...nulls, format: 'table' })).toContain("| properties | mine=, os_hidden='False' |");
  });

  it('do not affect a property called __proto__', async () => {
    const properties = Object.assign(Object.create(null) as Record<string, string>, { a: '1' });
    Object.defineProperty(properties, '__proto__', { value: 'polluted', enumerable: true });
    expect(await render({ ...withProperties(properties), selected: ['properties'], format: 'value' })).toBe(
      "{'os_hidden': False, 'a': '1', '__proto__': 'polluted'}\n",
    );
  });
});

describe('the shell format', () => {
  it.skipIf(process.platform === 'win32')('gives a shell exactly this text, and runs nothing', async () => {
    const name = 'a"b $HOME $(echo run) `echo run` \\" \\\\ \\x \\';
    const text = await render({ image: { ...image, name }, format: 'shell', selected: ['name'], prefix: 'os_' });
    const script = `${text}printf %s "$os_name"`;
    expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(name);
  });

  it('shows a terminal no control characters', async () => {
    const options = { image: { ...image, name: 'a\x1b[2Jb' }, format: 'shell', selected: ['name'] } as const;
    expect(await render(options)).toBe('name="a\x1b[2Jb"\n');
    expect(await render({ ...options, isTerminal: true })).toBe(String.raw`name="a\x1b[2Jb"` + '\n');
  });
});
