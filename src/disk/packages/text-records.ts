// Databases in text form: records of lines, separated by empty lines, of any total length, read in pieces.
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import type { FoundFile } from '../contents/guest-tree.ts';

const pieceBytes = 256 * 1024;
/** Bytes of a whole text; 10,000 packages take 15 MB. */
const maxTextBytes = 256 * 1024 * 1024;
/** No wanted line is longer. */
const maxLineLength = 16 * 1024;

/** The wanted fields of a record; if a key is repeated, the first line counts. */
export type Fields = ReadonlyMap<string, string>;

/**
 * Converts each record that has one of the wanted keys. A record has lines of the form `KEY: VALUE`; continuation lines are
 * ignored.
 * @param separator between key and value
 * @param make returns null to skip the record
 * @throws UnreadableError
 */
export function* readRecords<T>(
  file: FoundFile,
  { separator, wanted }: { readonly separator: ':' | ': '; readonly wanted: ReadonlySet<string> },
  make: (fields: Fields) => T | null,
): Reads<readonly T[]> {
  const made: T[] = [];
  let fields = new Map<string, string>();
  const end = (): void => {
    const result = fields.size > 0 ? make(fields) : null;
    if (result !== null) made.push(result);
    fields = new Map();
  };
  const take = (line: string): void => {
    if (line.trim() === '') {
      end();
      return;
    }
    const at = line.indexOf(separator);
    const key = at < 0 ? '' : line.slice(0, at);
    if (!wanted.has(key) || fields.has(key)) return;
    if (line.length >= maxLineLength) damaged('a line of the package database is too long');
    fields.set(key, line.slice(at + separator.length).trim());
  };
  yield* readLines(file, take);
  end();
  return made;
}

/** Passes on every line, cut if it is too long. */
function* readLines(file: FoundFile, take: (line: string) => void): Reads<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for (let offset = 0; ; offset += pieceBytes) {
    if (offset >= maxTextBytes) unsupported('the package database is too large to be read');
    const bytes = yield* file.files.read(file.ref, offset, pieceBytes);
    if (bytes.length === 0) break;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLineLength);
    for (const line of lines) take(line);
  }
  take(rest);
}
