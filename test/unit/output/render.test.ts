import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Column, type OutputFormat, renderList, renderOne } from '../../../src/output/render.ts';
import { formatBytes } from '../../../src/output/size.ts';
import { plainStyle } from '../../../src/output/style.ts';

const columns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 1, whole: true },
  { key: 'name', label: 'Name', priority: 2 },
  { key: 'status', label: 'Status', priority: 3 },
  { key: 'size', label: 'Size', align: 'right', priority: 4, show: (value) => formatBytes(Number(value)) },
];
const keys = ['id', 'name', 'status', 'size', 'tags', 'properties'];
const rows = [
  { id: 'a0000000', name: 'cirros', status: 'active', size: 13_267_968, tags: ['lts'], properties: { os: 'linux' } },
  { id: 'a0000001', name: '日本語のイメージ ☃', status: 'queued', size: null, tags: [], properties: {} },
  {
    id: 'a0000002',
    name: 'a very long name that will not fit on a narrow terminal',
    status: 'active',
    size: 1,
    tags: [],
    properties: {},
  },
  {
    id: 'a0000003',
    name: 'esc\u001b[2J\nnewline',
    status: 'active',
    size: 0,
    tags: ['a', 'b'],
    properties: { k: 'a,"b"' },
  },
];

async function* paged(all: readonly object[], size = 2): AsyncGenerator<readonly object[]> {
  for (let index = 0; index < all.length; index += size) yield all.slice(index, index + size);
}

async function collect(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

interface Overrides {
  readonly all?: readonly object[];
  readonly selected?: readonly string[] | null;
  readonly width?: number | null;
}
const list = (format: OutputFormat, { all = rows, selected = null, width = null }: Overrides = {}): Promise<string> =>
  collect(renderList({ pages: paged(all), columns, keys, selected, format, width, style: plainStyle }));
const one = (
  format: OutputFormat,
  { selected = null, width = null }: Overrides = {},
  row: object = rows[3] ?? {},
): Promise<string> => collect(renderOne({ row, keys, selected, format, width, style: plainStyle }));

describe('a table', () => {
  it('is complete without a terminal', async () => {
    expect(await list('table')).toMatchInlineSnapshot(`
      "ID        NAME                                                     STATUS      SIZE
      a0000000  cirros                                                   active  12.7 MiB
      a0000001  日本語のイメージ ☃                                       queued         -
      a0000002  a very long name that will not fit on a narrow terminal  active       1 B
      a0000003  esc\\x1b[2J\\x0anewline                                    active       0 B
      "
    `);
  });

  it('is cut to a terminal of 50 cells', async () => {
    expect(await list('table', { width: 50 })).toMatchInlineSnapshot(`
      "ID        NAME                    STATUS      SIZE
      a0000000  cirros                  active  12.7 MiB
      a0000001  日本語のイメージ ☃      queued         -
      a0000002  a very long name that…  active       1 B
      a0000003  esc\\x1b[2J\\x0anewline   active       0 B
      "
    `);
  });

  it('drops columns by priority on a terminal of 28 cells', async () => {
    expect(await list('table', { width: 28 })).toMatchInlineSnapshot(`
      "ID        NAME
      a0000000  cirros
      a0000001  日本語のイメージ ☃
      a0000002  a very long name …
      a0000003  esc\\x1b[2J\\x0anew…
      "
    `);
  });

  it('never drops a requested column, and shows any key', async () => {
    expect(await list('table', { selected: ['tags', 'ID', 'properties.os'], width: 200 })).toMatchInlineSnapshot(`
      "TAGS  ID        properties.os
      lts   a0000000  linux
      -     a0000001  -
      -     a0000002  -
      a, b  a0000003  -
      "
    `);
  });

  it('prints nothing for an empty list', async () => {
    expect(await list('table', { all: [] })).toBe('');
  });

  it('has no line wider than the terminal, as long as the id fits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), status: fc.string(), size: fc.nat() }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.integer({ min: 20, max: 120 }),
        async (some, width) => {
          const text = await list('table', {
            all: some.map((row, index) => ({ id: `a000000${String(index)}`, ...row })),
            width,
          });
          for (const line of text.trimEnd().split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('streams lists of any length with the widths of the first rows', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => ({ id: String(index), name: 'n', status: 's', size: 1 }));
    expect((await list('table', { all: many })).split('\n')).toHaveLength(1502);
  });
});

describe('a record', () => {
  it('has a line for each value, and one for each property', async () => {
    expect(await one('table')).toMatchInlineSnapshot(`
      "id            a0000003
      name          esc\\x1b[2J\\x0anewline
      status        active
      size          0
      tags          a, b
      properties.k  a,"b"
      "
    `);
  });

  it('wraps long values on a terminal and loses nothing', async () => {
    const text = await one('table', { width: 30, selected: ['name'] }, { name: 'word '.repeat(12) + 'x'.repeat(60) });
    for (const line of text.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(30);
    expect(text.replace(/\s/g, '')).toBe(`name${'word'.repeat(12)}${'x'.repeat(60)}`);
  });
});

describe('for programs', () => {
  it('JSON has the whole objects, exact', async () => {
    expect(JSON.parse(await list('json'))).toEqual(rows);
    expect(JSON.parse(await one('json'))).toEqual(rows[3]);
    expect(await list('json', { all: [] })).toBe('[]\n');
  });

  it('JSON leaves nothing unescaped that controls a terminal', async () => {
    expect(await one('json', {}, { name: 'a\u009b\u202e\u007f' })).toContain('"a\\u009b\\u202e\\u007f"');
  });

  it('NDJSON has one object a line', async () => {
    const lines = (await list('ndjson')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
  });

  it.each(['json', 'ndjson', 'yaml', 'csv', 'value'] as const)(
    '%s is the same however long the pages are',
    async (format) => {
      const all = Array.from({ length: 120 }, (_, index) => ({ ...rows[index % rows.length], id: String(index) }));
      const text = (size: number): Promise<string> =>
        collect(
          renderList({
            pages: paged(all, size),
            columns,
            keys,
            selected: null,
            format,
            width: null,
            style: plainStyle,
          }),
        );
      expect(await text(120)).toBe(await text(7));
    },
  );

  it('YAML reads back as the same', async () => {
    expect(parseYaml(await list('yaml'))).toEqual(rows);
    expect(parseYaml(await one('yaml'))).toEqual(rows[3]);
    expect(await list('yaml', { all: [] })).toBe('[]\n');
  });

  it('CSV quotes what needs it, and has a header even for an empty list', async () => {
    expect(await list('csv', { selected: ['name', 'size', 'properties'], all: rows.slice(0, 2) })).toBe(
      'name,size,properties\ncirros,13267968,"{""os"":""linux""}"\n日本語のイメージ ☃,,{}\n',
    );
    expect(await list('csv', { all: [], selected: ['id'] })).toBe('id\n');
    expect(await one('csv', { selected: ['name'] })).toBe('name\n"esc\u001b[2J\nnewline"\n');
  });

  it('CSV on a terminal is escaped', async () => {
    expect(await one('csv', { selected: ['name'], width: 80 })).toBe('name\nesc\\x1b[2J\\x0anewline\n');
  });

  it('value prints bare values: one per line for a record, one row per line for lists', async () => {
    expect(await one('value', { selected: ['id', 'name', 'tags'] })).toBe(
      'a0000003\nesc\\x1b[2J\\x0anewline\n["a","b"]\n',
    );
    expect(await list('value', { selected: ['id', 'size'], all: rows.slice(0, 2) })).toBe(
      'a0000000 13267968\na0000001 \n',
    );
  });

  it('BigInts are printed with all their digits', async () => {
    expect(await one('json', { selected: ['size'] }, { size: 9_223_372_036_854_775_807n })).toBe(
      '{\n  "size": 9223372036854775807\n}\n',
    );
  });

  it('prototype names are keys like any other', async () => {
    const properties = Object.create(null) as Record<string, string>;
    properties['__proto__'] = 'x';
    expect(await one('json', { selected: ['properties.__proto__', 'properties.toString'] }, { properties })).toBe(
      '{\n  "properties.__proto__": "x",\n  "properties.toString": null\n}\n',
    );
  });

  it.each(['json', 'csv', 'table', 'value'] as const)(
    '%s prints columns in the given order, in any case',
    async (format) => {
      const text = await one(format, { selected: ['SIZE', 'Name'] }, { name: 'n', size: 5 });
      expect(text.indexOf('5')).toBeLessThan(text.lastIndexOf('n'));
    },
  );

  it('an unknown column is an error that names the others', async () => {
    await expect(one('json', { selected: ['colour'] })).rejects.toMatchObject({
      code: 'usage.argument',
      facts: { hint: expect.stringContaining('id, name, status') },
    });
  });
});
