// What the demo itself looks at after each command. Every check returns what is wrong, one sentence each, or nothing if all is
// well.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../../src/image/image.ts';

/** Whether bytes have the size and the MD5 of an image. @param what names the bytes in the answer */
export function checkData(what: string, bytes: Buffer, image: Image): readonly string[] {
  const md5 = createHash('md5').update(bytes).digest('hex');
  if (bytes.length !== image.size) {
    return [`${what} has ${String(bytes.length)} bytes, the catalog says ${String(image.size)}`];
  }
  return md5 === image.checksum ? [] : [`${what} has the MD5 ${md5}, the catalog says ${String(image.checksum)}`];
}

/** Whether a file is an image's data. One that cannot be read is wrong too. */
export async function checkFile(path: string, image: Image): Promise<readonly string[]> {
  try {
    return checkData(path, await readFile(path), image);
  } catch (error) {
    return [`${path} cannot be read: ${String(error)}`];
  }
}

/** Whether a directory holds nothing but these names, hidden files included. */
export async function checkLeftovers(directory: string, allowed: readonly string[]): Promise<readonly string[]> {
  const found = await readdir(directory);
  return found.filter((name) => !allowed.includes(name)).map((name) => `${name} was left in ${directory}`);
}

/** How many bytes of a file have arrived while it is being downloaded; 0 if there are none. */
export async function sizeOfPart(directory: string, fileName: string): Promise<number> {
  const names = await readdir(directory);
  const part = names.find((name) => name.startsWith(`.${fileName}.`) && name.endsWith('.part'));
  if (part === undefined) return 0;
  // It may have been given its final name since.
  return await stat(join(directory, part)).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Whether an interruption left a part file that says how much has arrived, and nothing under the file's own name. */
export async function checkInterrupted(directory: string, fileName: string): Promise<readonly string[]> {
  const [names, size] = await Promise.all([readdir(directory), sizeOfPart(directory, fileName)]);
  return [
    ...(names.includes(fileName) ? [`${fileName} is there, though its download was interrupted`] : []),
    ...(size === 0 ? ['nothing was kept of what had arrived'] : []),
  ];
}

/** The fields that tell images apart. */
export const tellingKeys = ['id', 'name', 'size', 'checksum'] as const;

/** Whether text is the JSON object of an image, by {@link tellingKeys}. */
export function checkJson(text: string, image: Image): readonly string[] {
  const shown = parseObject(text);
  if (shown === null) return ['what show -f json printed is no JSON object'];
  const wrong = tellingKeys.filter((key) => shown[key] !== image[key]);
  return wrong.map(
    (key) => `show -f json says ${key} ${JSON.stringify(shown[key])}, the catalog ${JSON.stringify(image[key])}`,
  );
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
