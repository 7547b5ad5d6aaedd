// Accounts of a guest: their names, their homes, and whether they have a password. Hashes are examined and never kept.
import { orElse, type Reads, salvage, type Skip } from '../blocks/reading.ts';
import type { GuestTree } from './guest-tree.ts';

interface Account {
  readonly name: string;
  /** Absolute path of the home. */
  readonly home: string;
}

const maxBytes = 256 * 1024;
const mostAccounts = 2000;
/** At most this many homes are searched, root's first. */
const mostHomes = 48;
/** Homes shared by many system accounts, or that hold no personal files. */
const noHomes = new Set([
  '/',
  '/nonexistent',
  '/dev/null',
  '/bin',
  '/sbin',
  '/dev',
  '/proc',
  '/usr/sbin',
  '/var/empty',
]);

/** Accounts whose homes are worth searching: root, and those with a home of their own if their list can be read. */
export function* readHomes(tree: GuestTree): Reads<readonly Account[]> {
  // Passwords are searched for in the same list, and damage to it is reported with them.
  const text = yield* orElse(null, tree.text('/etc/passwd', maxBytes));
  const homes = new Map<string, Account>([['/root', { name: 'root', home: '/root' }]]);
  for (const [name = '', , uid = '', , , home = ''] of recordsOf(text)) {
    const isPerson = Number(uid) >= 500 || home.startsWith('/home/') || uid === '0';
    const isHome = home.startsWith('/') && home.length <= 1024 && !noHomes.has(home);
    if (isPerson && isHome && !homes.has(home) && homes.size < mostHomes) homes.set(home, { name, home });
  }
  return [...homes.values()];
}

/** Names of accounts that can log in with a password, in the files that can be read. */
export function* readAccountsWithPassword(tree: GuestTree, skip: Skip): Reads<readonly string[]> {
  const texts = yield* salvage(['/etc/shadow', '/etc/passwd'], (path) => tree.text(path, maxBytes), skip);
  const names = texts.flatMap((text) =>
    recordsOf(text)
      .filter(([, password = '']) => isHash(password))
      .map(([name = '']) => name),
  );
  return [...new Set(names)];
}

/** Fields of each line. */
function recordsOf(text: string | null): readonly (readonly string[])[] {
  return (text ?? '')
    .split('\n', mostAccounts)
    .map((line) => line.split(':', 9))
    .filter((fields) => fields.length >= 2 && fields[0] !== '' && !line0(fields).startsWith('#'));
}

function line0(fields: readonly string[]): string {
  return fields[0] ?? '';
}

/**
 * Whether a field is a hash that a password can match: `$…$…`, or the output of DES. Locked accounts have another first
 * character, and no other text is the hash of any password.
 * @see https://man7.org/linux/man-pages/man5/crypt.5.html
 */
function isHash(field: string): boolean {
  if (field.startsWith('$')) return field.length > 8 && field.includes('$', 2);
  const isDes = field.length === 13 || (field.length === 20 && field.startsWith('_'));
  return isDes && /^[./0-9A-Za-z_]+$/.test(field);
}
