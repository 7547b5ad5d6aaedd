// Tar archives as different programs write them: the same members with headers of different kinds.
import { patch } from './writers.ts';

/** A header block and the data after it. */
export interface TarPart {
  readonly name: string;
  readonly content?: string | Buffer;
  /** One character; a file if not given. */
  readonly type?: string;
  /** The magic and version at 257; none in a v7 archive. */
  readonly magic?: string;
  /** The size field, as written. */
  readonly size?: string | Buffer;
}

export const ustarMagic = 'ustar\u000000';
export const gnuMagic = 'ustar  \0';

/** A header with its checksum, and its data in whole blocks. */
export function tarPart({ name, content = '', type = '0', magic = ustarMagic, size }: TarPart): Buffer {
  const data = Buffer.from(content);
  const header = patch(
    Buffer.alloc(512),
    [0, Buffer.from(name).subarray(0, 100)],
    [100, '0000644\0'],
    [124, size ?? `${data.length.toString(8).padStart(11, '0')}\0`],
    [148, '        '],
    [156, type],
    [257, magic],
  );
  const sum = header.reduce((total, byte) => total + byte, 0);
  const body = Buffer.alloc(Math.ceil(data.length / 512) * 512);
  body.set(data);
  return Buffer.concat([patch(header, [148, `${sum.toString(8).padStart(6, '0')}\0 `]), body]);
}

/** An archive of these parts, with the blocks that end it. */
export function tarOf(...parts: readonly TarPart[]): Buffer {
  return Buffer.concat([...parts.map(tarPart), Buffer.alloc(1024)]);
}

/** A POSIX tar archive of these members. */
export function writeTar(members: readonly (readonly [name: string, content: string])[]): Buffer {
  return tarOf(...members.map(([name, content]) => ({ name, content })));
}

/** pax records, each after its own length. */
export function paxRecords(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + 1;
      while (rest + String(length).length !== length) length = rest + String(length).length;
      return `${String(length)} ${key}=${value}\n`;
    })
    .join('');
}
