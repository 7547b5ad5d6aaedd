import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { selectKeys } from '../../../src/output/columns.ts';
import { csvLine } from '../../../src/output/csv.ts';
import { renderRecord } from '../../../src/output/record.ts';
import { type OutputFormat, renderList, renderOne } from '../../../src/output/render.ts';
import { plainStyle } from '../../../src/output/style.ts';
import { toJson } from '../../../src/text/json.ts';
import { toYaml } from '../../../src/output/yaml.ts';
import { anyCharacter } from '../../support/any-text.ts';

const anyText = fc.string({ unit: anyCharacter });

async function collect(chunks: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

describe('JSON', () => {
  it('is what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(toJson(value, indent)).toBe(JSON.stringify(value, null, indent));
      }),
    );
  });

  it('prints BigInts as numbers, and never mistakes text for one', () => {
    expect(toJson({ a: 2n ** 63n, b: ['\u00000\u0000', 1n] })).toBe(
      '{"a":9223372036854775808,"b":["\\u00000\\u0000",1]}',
    );
  });

  it('leaves out undefined members of objects', () => {
    expect(toJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
  });
});

describe('CSV', () => {
  it('reads back as the original texts', () => {
    const records = fc.array(fc.array(anyText, { minLength: 3, maxLength: 3 }), { minLength: 1 });
    const single = fc.array(fc.tuple(fc.constantFrom('', ' ', '"', '=1+1', ',', '\n')), { minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(records, single), (lines) => {
        expect(parseCsv(lines.map((line) => csvLine(line)).join(''))).toEqual(lines);
      }),
    );
  });

  it('leaves formulas alone', () => {
    expect(csvLine(['=1+1', '+1', '-1', '@x'])).toBe('=1+1,+1,-1,@x\n');
    expect(csvLine(['=1+1', '+1', '-1', '@x', '＝1', '\t=1', 'a=1', -1, null, "'"], true)).toBe(
      `'=1+1,'+1,'-1,'@x,'＝1,"'\t=1",a=1,-1,,'\n`,
    );
  });
});

describe('YAML', () => {
  const key = fc.oneof(anyText, fc.constantFrom('yes', '<<', 'null', '1', '2026-01-01', '='));
  const value = fc.oneof(
    anyText,
    fc.constantFrom('no', 'On', '1:30', '0x1f', '1_000', '~', '<<', 'a \n', '\n \n', '  a\n\n', '2026-01-01T00:00:00Z'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(anyText),
  );

  it('reads back the same, in YAML 1.2 and in 1.1', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, value), { minLength: 1 }), (rows) => {
        const text = toYaml(rows);
        expect(parseYaml(text)).toEqual(rows);
        expect(parseYaml(text, { version: '1.1' })).toEqual(rows);
      }),
    );
  });

  it('leaves nothing unescaped that controls a terminal', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText), (row) => {
        expect(toYaml(row).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('keeps lines as lines if that is exact', () => {
    expect(toYaml({ text: 'one\ntwo\n', plain: 'x', big: 2n ** 63n })).toBe(
      'text: |\n  one\n  two\nplain: x\nbig: 9223372036854775808\n',
    );
  });
});

describe('columns', () => {
  const rows = [{ id: '1', disk_format: 'raw' }];
  const keys = ['id', 'disk_format'];
  const columns = [{ key: 'disk_format', label: 'Format', priority: 1 }];
  async function* pages(): AsyncGenerator<readonly object[]> {
    yield rows;
  }
  const list = async (format: OutputFormat, selected: readonly string[]): Promise<string> =>
    (
      await collect(renderList({ pages: pages(), columns, keys, selected, format, width: null, style: plainStyle }))
    ).join('');

  it.each(['disk_format', 'Disk Format', 'DISK-FORMAT', ' disk_format ', 'format'])('knows "%s"', (name) => {
    expect(selectKeys(keys, [name], columns)).toMatchObject([{ name: 'disk_format' }]);
  });

  it('may be requested twice', async () => {
    expect(await list('csv', ['id', 'disk_format', 'id'])).toBe('id,disk_format,id\n1,raw,1\n');
    expect(await list('value', ['id', 'id'])).toBe('1 1\n');
    expect(await list('table', ['id', 'id'])).toBe('ID  ID\n1   1\n');
    expect(await list('ndjson', ['id', 'id'])).toBe('{"id":"1"}\n');
  });

  it('are refused if unknown, before a page is requested', async () => {
    let asked = false;
    async function* never(): AsyncGenerator<readonly object[]> {
      asked = true;
      yield [];
    }
    const chunks = renderList({
      pages: never(),
      columns,
      keys,
      selected: ['colour'],
      format: 'json',
      width: null,
      style: plainStyle,
    });
    await expect(chunks.next()).rejects.toMatchObject({
      code: 'usage.argument',
      message: 'there is no column "colour"',
    });
    expect(asked).toBe(false);
  });
});

it('a JSON array is printed page by page, and stays open if a page fails', async () => {
  async function* pages(): AsyncGenerator<readonly object[]> {
    yield [{ id: 1 }, { id: 2 }];
    yield [];
    yield [{ id: 3 }];
    throw new Error('page 4');
  }
  const chunks: string[] = [];
  const options = { pages: pages(), columns: [], keys: ['id'], selected: null, width: null, style: plainStyle };
  await expect(async () => {
    for await (const chunk of renderList({ ...options, format: 'json' })) chunks.push(chunk);
  }).rejects.toThrow('page 4');
  expect(chunks).toEqual(['[\n  {\n    "id": 1\n  },\n  {\n    "id": 2\n  }', ',\n  {\n    "id": 3\n  }']);
});

describe('a record', () => {
  const record = (row: Record<string, unknown>, width: number | null): Promise<string> =>
    renderRecord(row, { width, style: plainStyle });

  it('shows an empty list or object, an empty text and null as unset', async () => {
    expect(await record({ tags: [], properties: {}, name: '', size: null }, null)).toBe(
      'tags        -\nproperties  -\nname        -\nsize        -\n',
    );
  });

  it('lets a long name shift only its own value', async () => {
    const key = 'k'.repeat(40);
    expect(await record({ id: '1', [key]: 'v' }, null)).toBe(`id${' '.repeat(32)}1\n${key}  v\n`);
    expect(await record({ id: '1', [key]: 'v' }, 60)).toBe(`id${' '.repeat(30)}1\n${key}\n${' '.repeat(32)}v\n`);
  });

  it('wraps wide characters by their width', async () => {
    const text = await record({ name: '日本語'.repeat(10) }, 26);
    expect(text).toBe('name  日本語日本語日本語日\n      本語日本語日本語日本\n      語日本語日本語日本語\n');
  });

  it('accepts values as long as Glance allows', async () => {
    const text = await record({ description: `${'x'.repeat(65_535)} ${'é'.repeat(65_535)}` }, 80);
    expect(text.replace(/\s/g, '').length).toBe('description'.length + 2 * 65_535);
  });
});

it('one record as CSV, value and YAML has the requested columns', async () => {
  const one = async (format: OutputFormat): Promise<string> =>
    (
      await collect(
        renderOne({
          row: { id: '1', size: null },
          keys: ['id', 'size'],
          selected: ['size', 'id'],
          format,
          width: null,
          style: plainStyle,
        }),
      )
    ).join('');
  expect([await one('csv'), await one('value'), await one('yaml')]).toEqual([
    'size,id\n,1\n',
    '\n1\n',
    'size: null\nid: "1"\n',
  ]);
});

/** A reader of RFC 4180 with line feeds. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    records.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\n') records.push([]);
  }
  expect(records.pop()).toEqual([]);
  return records;
}
