import { describe, expect, it } from 'vitest';
import type { Image } from '../../../../src/image/image.ts';
import { parseV2Image } from '../../../../src/image/v2/records.ts';
import { type CompatListOptions, renderCompatList } from '../../../../src/output/compat/list.ts';
import { printed } from './printed-lists.ts';
import { records } from './recorded.ts';

const images = records.map((record) => parseV2Image(record));

const defaults: CompatListOptions = {
  images,
  format: 'table',
  long: false,
  selected: null,
  sort: 'name:asc',
  sortColumns: [],
  sortDescending: false,
  indent: true,
  maxWidth: null,
  printEmpty: false,
  quote: 'nonnumeric',
  isTerminal: false,
};

const render = async (options: Partial<CompatListOptions>): Promise<string> =>
  await renderCompatList({ ...defaults, ...options });

function named(...names: (string | null)[]): Image[] {
  return names.map((name, index) => parseV2Image({ id: `id-${String(index)}`, name, status: 'active', tags: [] }));
}

describe('openstack image list', () => {
  it.each(['table', 'json', 'yaml', 'csv', 'value'] as const)('is printed exactly as %s', async (format) => {
    expect(await render({ format })).toBe(printed[`list ${format}`]);
    expect(await render({ format, long: true })).toBe(printed[`long ${format}`]);
  });

  it('is one line of JSON with --noindent', async () => {
    expect(await render({ format: 'json', indent: false })).toBe(printed.noindent);
  });

  it('wraps what is wider than an even share with --max-width', async () => {
    expect(await render({ maxWidth: 60 })).toBe(printed.narrow);
  });

  it.each(['all', 'minimal', 'none'] as const)('quotes as --quote %s says', async (quote) => {
    const selected = ['ID', 'Name', 'Size', 'Protected', 'Tags'];
    expect(await render({ format: 'csv', long: true, selected, quote })).toBe(printed[`quote ${quote}`]);
  });

  it('is empty in the way of each format if nothing is found', async () => {
    expect(await render({ images: [] })).toBe('\n');
    expect(await render({ images: [], printEmpty: true })).toBe(printed['empty head']);
    expect(await render({ images: [], format: 'json' })).toBe('[]\n');
    expect(await render({ images: [], format: 'yaml' })).toBe('[]\n');
    expect(await render({ images: [], format: 'csv' })).toBe('"ID","Name","Status"\n');
    expect(await render({ images: [], format: 'value' })).toBe('');
  });

  it('sorts by --sort-column, with null as the largest', async () => {
    const sortColumns = ['Nonsense', 'Size'];
    const options = { format: 'value', long: true, selected: ['Name', 'Size'], sortColumns } as const;
    expect(await render({ ...options, sortDescending: true })).toBe(printed['by size']);
  });

  it('keeps its own order of columns and drops unknown names', async () => {
    const selected = ['container_format', 'nonsense', 'NAME', 'Disk Format'];
    const text = await render({ format: 'csv', long: true, selected });
    expect(text.split('\n')[0]).toBe('"Name","Disk Format","Container Format"');
  });

  it('refuses names of columns that are all unknown', async () => {
    await expect(render({ selected: ['nope'] })).rejects.toMatchObject({
      code: 'usage.argument',
      message: "no recognized column names in ['nope']",
      facts: { hint: 'there are ID, Name, Status' },
    });
  });
});

describe('the order of the list', () => {
  const names = async (unsorted: Image[], sort: string): Promise<string[]> =>
    (await render({ images: unsorted, format: 'value', selected: ['Name'], sort })).trimEnd().split('\n');

  it('is that of code points, with null as the text None', async () => {
    const unordered = named('b', '😀', '\uffe0', null, 'O', 'M', 'a');
    expect(await names(unordered, 'name:asc')).toEqual(['M', 'None', 'O', 'a', 'b', '\uffe0', '😀']);
  });

  it('sorts numbers as text and keeps equal images in order', async () => {
    const sized = named('a', 'b', 'c', 'd').map((image, index) => ({
      ...image,
      size: [9, 10, 9, null][index] ?? null,
    }));
    expect(await names(sized, 'size:desc')).toEqual(['d', 'a', 'c', 'b']);
    expect(await names(sized, 'size,name:desc')).toEqual(['b', 'c', 'a', 'd']);
    expect(await names(sized, '')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('knows the names that the SDK has for fields', async () => {
    const some = named('a', 'b').map((image, index) => ({
      ...image,
      protected: index === 0,
      owner: String(1 - index),
    }));
    expect(await names(some, 'is_protected')).toEqual(['b', 'a']);
    expect(await names(some, 'owner_id')).toEqual(['b', 'a']);
  });

  it('refuses an unknown field and an unknown direction', async () => {
    await expect(render({ sort: 'nope' })).rejects.toMatchObject({
      code: 'usage.argument',
      message: 'images have no field "nope" to sort by',
    });
    await expect(render({ sort: 'name:up' })).rejects.toMatchObject({
      code: 'usage.argument',
      message: 'not a sort direction: "up"',
    });
  });
});

describe('hostile names', () => {
  const hostile = named('\x1b[31mred\x1b[0m', 'two\r\nlines\ttab', 'gpj.\u202eexe');

  it('do not control a terminal in tables, where a line feed still starts a second line', async () => {
    const lines = (await render({ images: hostile, selected: ['Name'] })).split('\n');
    expect(lines).toEqual([
      '+--------------------+',
      '| Name               |',
      '+--------------------+',
      String.raw`| \x1b[31mred\x1b[0m |`,
      String.raw`| gpj.\u202eexe      |`,
      '| two                |',
      String.raw`| lines\x09tab       |`,
      '+--------------------+',
      '',
    ]);
  });

  it('do not control a terminal as values, and start no second line there', async () => {
    expect(await render({ images: hostile, format: 'value', selected: ['Name'] })).toBe(
      `${String.raw`\x1b[31mred\x1b[0m`}\n${String.raw`gpj.\u202eexe`}\n${String.raw`two\x0d\x0alines\x09tab`}\n`,
    );
  });

  it('are exact in CSV for a program and escaped on a terminal', async () => {
    const options = { images: hostile.slice(0, 1), format: 'csv', selected: ['Name'] } as const;
    expect(await render(options)).toBe('"Name"\n"\x1b[31mred\x1b[0m"\n');
    expect(await render({ ...options, isTerminal: true })).toBe(String.raw`"Name"${'\n'}"\\x1b[31mred\\x1b[0m"${'\n'}`);
  });

  it('are escaped by JSON and YAML themselves', async () => {
    const options = { images: hostile, selected: ['Name'] };
    expect(await render({ ...options, format: 'yaml' })).toBe(
      `- Name: "\\e[31mred\\e[0m"\n- Name: "gpj.\\u202Eexe"\n- Name: "two\\r\\nlines\\ttab"\n`,
    );
    expect(await render({ ...options, format: 'json', indent: false })).toBe(
      String.raw`[{"Name": "\u001b[31mred\u001b[0m"}, {"Name": "gpj.\u202eexe"}, {"Name": "two\r\nlines\ttab"}]` + '\n',
    );
  });
});
