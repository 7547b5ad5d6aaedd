// The lines that fetch an image from this server, for a shell: what a record says in them is text to it, and nothing else.
import type { Image } from '../../image/image.ts';
import type { FetchCommand } from '../../pages/image-page.ts';
import { quoteForShell } from '../../text/quote-shell.ts';
import { safeFileName } from '../../transfer/files/file-name.ts';

/** Others can be asked for by their encoded form alone. */
const typeable = /^[\x21-\x7e]+$/;

/** @param origin as `http://host:port`, as the client sees this server */
export function fetchCommands(image: Image, origin: string): readonly FetchCommand[] {
  const { id } = image;
  const file = quoteForShell(fileFor(image));
  const server = quoteForShell(origin);
  const uri = `${origin}/v2/images/${encodeURIComponent(id)}`;
  const glance = { program: 'glance-cli', line: `glance-cli download ${quoteForShell(uri)} -o ${file}` };
  const curl = { program: 'curl', line: `curl --fail --output ${file} ${quoteForShell(`${uri}/file`)}` };
  if (!typeable.test(id) || id.startsWith('-')) return [glance, curl];
  const openstack = `openstack --os-auth-type none --os-endpoint ${server} image save --file ${file} ${quoteForShell(id)}`;
  return [glance, { program: 'openstack', line: openstack }, curl];
}

function fileFor({ name, id, disk_format }: Image): string {
  // Nothing of a name may be left that makes a file's.
  if (!/[^.\s]/.test(`${name ?? ''}${id}`)) return 'image';
  const file = safeFileName(name, id, disk_format);
  return file.startsWith('-') ? `./${file}` : file;
}
