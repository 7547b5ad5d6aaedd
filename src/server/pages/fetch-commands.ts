// Shell commands that fetch an image from this server. What a record contains is quoted, and so is only text to the
// shell.
import type { Image } from '../../image/image.ts';
import type { FetchCommand } from '../../pages/image-page.ts';
import { quoteForShell } from '../../text/quote-shell.ts';
import { safeFileName } from '../../transfer/files/file-name.ts';

/** Other ids can be requested only in their encoded form. */
const typeable = /^[\x21-\x7e]+$/;

/** @param origin `http://host:port`, as the client sees this server */
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
  // The name may contain nothing that is usable in a file name.
  if (!/[^.\s]/.test(`${name ?? ''}${id}`)) return 'image';
  const file = safeFileName(name, id, disk_format);
  return file.startsWith('-') ? `./${file}` : file;
}
