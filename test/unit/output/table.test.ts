import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Column, Row } from '../../../src/output/columns.ts';
import { formatBytes } from '../../../src/output/size.ts';
import { plainStyle, type Style } from '../../../src/output/style.ts';
import { renderTable } from '../../../src/output/table.ts';

const columns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 1, whole: true },
  { key: 'name', label: 'Name', priority: 2 },
  { key: 'status', label: 'Status', priority: 3 },
  { key: 'size', label: 'Size', align: 'right', priority: 4, show: (value) => formatBytes(Number(value)) },
  { key: 'updated_at', label: 'Updated', priority: 5 },
];
const names = [
  'ubuntu-24.04-server-cloudimg-amd64',
  '日本語のとても長いイメージの名前',
  'שרת אובונטו',
  '👩‍👧 family ❤️',
  null,
];
const images: readonly Row[] = names.map((name, index) => ({
  id: `6b5f8c9e-0000-4000-8000-00000000000${String(index)}`,
  name,
  status: 'active',
  size: 1024 ** index,
  updated_at: '2026-01-01T00:00:00Z',
}));

async function* paged(...pages: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* pages;
}

async function table(
  pages: AsyncIterable<readonly Row[]>,
  width: number | null,
  { shown = columns, style = plainStyle }: { shown?: readonly Column[]; style?: Style } = {},
): Promise<string> {
  let text = '';
  for await (const chunk of renderTable(pages, shown, { width, style })) text += chunk;
  return text;
}

/** Cells before the text in each line that contains it. */
function offsets(text: string, part: string): number[] {
  const lines = text.split('\n').filter((line) => line.includes(part));
  return lines.map((line) => stringWidth(line.slice(0, line.indexOf(part))));
}

describe('on a terminal', () => {
  it('of 200 cells everything is shown', async () => {
    expect(await table(paged(images), 200)).toMatchInlineSnapshot(`
      "ID                                    NAME                                STATUS     SIZE  UPDATED
      6b5f8c9e-0000-4000-8000-000000000000  ubuntu-24.04-server-cloudimg-amd64  active      1 B  2026-01-01T00:00:00Z
      6b5f8c9e-0000-4000-8000-000000000001  日本語のとても長いイメージの名前    active  1.0 KiB  2026-01-01T00:00:00Z
      6b5f8c9e-0000-4000-8000-000000000002  שרת אובונטו                         active  1.0 MiB  2026-01-01T00:00:00Z
      6b5f8c9e-0000-4000-8000-000000000003  👩‍👧 family ❤️                        active  1.0 GiB  2026-01-01T00:00:00Z
      6b5f8c9e-0000-4000-8000-000000000004  -                                   active  1.0 TiB  2026-01-01T00:00:00Z
      "
    `);
  });

  it('of 80 cells the least important columns are dropped before names become unreadable', async () => {
    expect(await table(paged(images), 80)).toMatchInlineSnapshot(`
      "ID                                    NAME                       STATUS     SIZE
      6b5f8c9e-0000-4000-8000-000000000000  ubuntu-24.04-server-clou…  active      1 B
      6b5f8c9e-0000-4000-8000-000000000001  日本語のとても長いイメー…  active  1.0 KiB
      6b5f8c9e-0000-4000-8000-000000000002  שרת אובונטו                active  1.0 MiB
      6b5f8c9e-0000-4000-8000-000000000003  👩‍👧 family ❤️               active  1.0 GiB
      6b5f8c9e-0000-4000-8000-000000000004  -                          active  1.0 TiB
      "
    `);
  });

  it('of 50 cells a short name is better than none', async () => {
    expect(await table(paged(images), 50)).toMatchInlineSnapshot(`
      "ID                                    NAME
      6b5f8c9e-0000-4000-8000-000000000000  ubuntu-24.0…
      6b5f8c9e-0000-4000-8000-000000000001  日本語のと…
      6b5f8c9e-0000-4000-8000-000000000002  שרת אובונטו
      6b5f8c9e-0000-4000-8000-000000000003  👩‍👧 family ❤️
      6b5f8c9e-0000-4000-8000-000000000004  -
      "
    `);
  });

  it('of 40 cells only the complete id is left', async () => {
    expect(await table(paged(images), 40)).toMatchInlineSnapshot(`
      "ID
      6b5f8c9e-0000-4000-8000-000000000000
      6b5f8c9e-0000-4000-8000-000000000001
      6b5f8c9e-0000-4000-8000-000000000002
      6b5f8c9e-0000-4000-8000-000000000003
      6b5f8c9e-0000-4000-8000-000000000004
      "
    `);
  });

  it('lines are aligned as a reader sees them, in any script', async () => {
    const text = await table(paged(images), 200);
    expect(new Set(offsets(text, 'active')).size).toBe(1);
  });

  it('no line is wider than the terminal, nor ends with blanks', async () => {
    const row = fc.record({ name: fc.option(fc.string({ unit: 'grapheme' })), status: fc.string(), size: fc.nat() });
    const shown = columns.slice(1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 8, max: 120 }),
        async (rows, width) => {
          for (const line of (await table(paged(rows), width, { shown })).trimEnd().split('\n')) {
            expect(stringWidth(line)).toBeLessThanOrEqual(width);
            expect(line).not.toMatch(/\s$/u);
          }
        },
      ),
    );
  });

  it('columns that are never dropped are cut as far as possible', async () => {
    const shown = [
      { key: 'name', label: 'Name', priority: 1 },
      { key: 'updated_at', label: 'Updated', priority: 1 },
    ];
    expect(await table(paged(images.slice(0, 1)), 20, { shown })).toBe('NAME       UPDATED\nubuntu-2…  2026-01-…\n');
  });
});

describe('elsewhere', () => {
  it('nothing is cut or dropped', async () => {
    const text = await table(paged([{ id: 'x'.repeat(300), name: 'y'.repeat(300), status: 's', size: 1 }]), null);
    expect(text).toContain(`${'x'.repeat(300)}  ${'y'.repeat(300)}  s        1 B  -`);
  });

  it('the first 500 rows decide the widths, and wide characters after them stay in line', async () => {
    const early = Array.from({ length: 600 }, () => ({ id: '1', name: 'twelve cells', status: 'active', size: 1 }));
    const late = [{ id: '2', name: '日本語', status: 'active', size: 1 }];
    const text = await table(paged(early, late), null);
    expect(new Set(offsets(text, 'active'))).toEqual(new Set([18]));
  });

  it('accepts a page of any length', async () => {
    const page = Array.from({ length: 200_000 }, () => ({ id: '1' }));
    const text = await table(paged(page, page), null, { shown: [{ key: 'id', label: 'ID', priority: 1 }] });
    expect(text.length).toBe('ID\n'.length + 400_000 * 2);
  });
});

it('requests a page only when the previous one has been printed', async () => {
  const asked: number[] = [];
  async function* pages(): AsyncGenerator<readonly Row[]> {
    for (let page = 0; page < 3; page++) {
      asked.push(page);
      yield Array.from({ length: 500 }, () => ({ id: 'x' }));
    }
  }
  const chunks = renderTable(pages(), columns, { width: null, style: plainStyle });
  await chunks.next();
  expect(asked).toEqual([0]);
  await chunks.return(undefined);
});

it('aligns numbers to the right even if no column says so', async () => {
  const shown = [
    { key: 'min_disk', label: 'min disk', priority: 1 },
    { key: 'protected', label: 'protected', priority: 1 },
  ];
  const rows = [
    { min_disk: 5, protected: true },
    { min_disk: null, protected: null },
    { min_disk: 40n, protected: false },
  ];
  expect(await table(paged(rows), null, { shown })).toBe(
    'MIN DISK  PROTECTED\n       5  true\n       -  -\n      40  false\n',
  );
});

it('colours texts and not the blanks around them', async () => {
  const style = { ...plainStyle, bold: mark('b'), dim: mark('d'), green: mark('g') };
  const shown: readonly Column[] = [
    {
      key: 'status',
      label: 'Status',
      priority: 1,
      paint: (text, value, { green }) => (value === 'up' ? green(text) : text),
    },
    { key: 'id', label: 'ID', priority: 1 },
  ];
  const rows = [
    { status: 'up', id: '1' },
    { status: null, id: '2' },
  ];
  expect(await table(paged(rows), 80, { shown, style })).toBe(
    '<b>STATUS  ID</b>\n<g>up</g>      1\n<d>-</d>       2\n',
  );
});

it('escapes the header, and leaves the case of properties alone', async () => {
  const shown = [{ key: 'x', label: 'properties.os\u001bType', priority: 1 }];
  expect(await table(paged([{ x: 'y' }]), 80, { shown })).toBe('properties.os\\x1bType\ny\n');
});

function mark(tag: string): (text: string) => string {
  return (text) => `<${tag}>${text}</${tag}>`;
}

it('a name that looks like a digest hides no other column', async () => {
  const rows = [...images, { ...images[0], name: 'd41d8cd98f00b204e9800998ecf8427e' }];
  const pages = (async function* () {
    yield rows;
  })();
  let text = '';
  for await (const part of renderTable(pages, columns, { width: 80, style: plainStyle })) text += part;
  expect(text.split('\n')[0]).toMatch(/^ID +NAME/);
  for (const line of text.trimEnd().split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
});
