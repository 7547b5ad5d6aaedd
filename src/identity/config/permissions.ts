// Warns of files with passwords that others can read. Pure.
import { isOpenToOthers } from '../../local/named-file.ts';
import { quoteForShell } from '../../text/quote-shell.ts';
import { type ConfigMap, type ConfigNode, mapAt } from './node.ts';
import type { ConfigFile } from './files.ts';
import { isSecretSetting } from './names.ts';

/**
 * A single warning for all files that hold a secret and are readable by others, or null.
 * @param uid id of the user who runs this; null if files have no such permissions
 */
export function warnOfReaders(files: readonly (ConfigFile | null)[], uid: number | null): string | null {
  if (uid === null) return null;
  const open = files.filter((file) => file !== null && isOpenToOthers(file, uid) && holdsSecret(file));
  const paths = open.map((file) => quoteForShell(file?.path ?? ''));
  if (paths.length === 0) return null;
  const what =
    paths.length === 1 ? 'holds a password, and others can read it' : 'hold passwords, and others can read them';
  return `${paths.join(' and ')} ${what}: chmod 600 ${paths.join(' ')}`;
}

function holdsSecret({ root }: ConfigFile): boolean {
  return [...mapAt(root, 'clouds').values()].some((cloud) => hasSecret(cloud));
}

function hasSecret(node: ConfigNode): boolean {
  if (Array.isArray(node)) return (node as readonly ConfigNode[]).some((item) => hasSecret(item));
  if (!(node instanceof Map)) return false;
  return [...(node as ConfigMap)].some(([name, value]) => {
    const isSecret = isSecretSetting(name);
    return (isSecret && typeof value === 'string' && value !== '') || hasSecret(value);
  });
}
