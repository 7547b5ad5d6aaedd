// rpm's database in SQLite: a table of headers, and one for each tag that can be looked up.
// @see https://github.com/rpm-software-management/rpm lib/backend/sqlite.c
import type { Blocks } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { checkPackageCount } from '../installed-package.ts';
import { openPages, type Pages } from '../sqlite/pages.ts';
import { columnsOf, numberOf } from '../sqlite/record.ts';
import { readRows } from '../sqlite/table.ts';
import { type HeaderStore, maxHeaderBytes } from './header-store.ts';

const schemaRoot = 1;
const maxSchemaBytes = 64 * 1024;
const mostTables = 1000;

/** @param log the write-ahead log; null if there is none */
export function* openSqlite(file: Blocks, log: Blocks | null): Reads<HeaderStore> {
  const pages = yield* openPages(file, log);
  const roots = yield* findTables(pages);
  const rootOf = (name: string): number => roots.get(name) ?? damaged(`the rpm database has no table ${name}`);
  const read = function* (table: string, keep: (row: Uint8Array | null) => void, isCounting: boolean): Reads<void> {
    let count = 0;
    const reading = {
      maxBytes: maxHeaderBytes,
      isCounting,
      keep: (row: Uint8Array | null) => {
        checkPackageCount(++count);
        keep(row);
      },
    };
    yield* readRows(pages, rootOf(table), reading);
  };
  return {
    /** Counts names, one per package, which take a few bytes; headers take kilobytes. */
    *count() {
      let count = 0;
      yield* read('Name', () => count++, true);
      return count;
    },
    *read(keep) {
      yield* read(
        'Packages',
        (row) => keep(columnsOf(row ?? new Uint8Array())[1] ?? damaged('a package has no header')),
        false,
      );
    },
  };
}

/** The first page of each table. */
function* findTables(pages: Pages): Reads<ReadonlyMap<string, number>> {
  const roots = new Map<string, number>();
  const decoder = new TextDecoder();
  yield* readRows(pages, schemaRoot, {
    maxBytes: maxSchemaBytes,
    keep: (row) => {
      const [type, name, , root] = columnsOf(row ?? new Uint8Array());
      if (roots.size >= mostTables) damaged('the rpm database has too many tables');
      const isTable = type instanceof Uint8Array && decoder.decode(type) === 'table';
      if (isTable && name instanceof Uint8Array && root instanceof Uint8Array)
        roots.set(decoder.decode(name), numberOf(root));
    },
  });
  return roots;
}
