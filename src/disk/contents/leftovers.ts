// What was left in an image although each guest should have its own, or nobody should see it.
import { type Reads, salvage, type Skip, together } from '../blocks/reading.ts';
import { countOf } from '../../text/count.ts';
import { type Hazard, hazard } from '../parsing/hazards.ts';
import { cutText } from '../parsing/bytes.ts';
import { readAccountsWithPassword, readHomes } from './accounts.ts';
import type { GuestTree } from './guest-tree.ts';
import { linesOf } from './lines.ts';

const maxKeysBytes = 64 * 1024;
const histories = ['.bash_history', '.zsh_history', '.ash_history', '.sh_history', '.ksh_history', '.history'] as const;
const keyFiles = ['.ssh/authorized_keys', '.ssh/authorized_keys2'] as const;
/** Any more would make a list, not a sentence. */
const mostNamed = 5;

/** Private host keys of SSH servers, in the directories that can be read. */
export function* findHostKeys(tree: GuestTree, skip: Skip): Reads<readonly Hazard[]> {
  const lists = yield* salvage(['/etc/ssh', '/etc/dropbear'], (path) => tree.list(path), skip);
  const [ssh = [], dropbear = []] = lists.map((entries) => (entries ?? []).map(({ name }) => name));
  const paths = [
    ...ssh.filter((name) => isHostKey(name, 'ssh_host_', '_key')).map((name) => `/etc/ssh/${name}`),
    ...dropbear.filter((name) => isHostKey(name, 'dropbear_', '_host_key')).map((name) => `/etc/dropbear/${name}`),
  ];
  const some = paths.slice(0, 32);
  const sizes = yield* salvage(some, (path) => tree.size(path), skip);
  const keys = some.filter((_, index) => (sizes[index] ?? 0) > 0);
  return keys.length === 0
    ? []
    : [hazard('host_keys', `${countOf(keys.length, 'private key')} of its SSH server: ${nameSome(keys)}`)];
}

function isHostKey(name: string, prefix: string, suffix: string): boolean {
  return name.startsWith(prefix) && name.endsWith(suffix);
}

type MachineId = 'set' | 'empty' | 'absent';

/**
 * The machine id; D-Bus's counts where systemd would adopt it.
 * @see https://www.freedesktop.org/software/systemd/man/latest/machine-id.html
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd-machine-id-setup.html
 * @throws UnreadableError
 */
export function* readMachineId(tree: GuestTree): Reads<MachineId> {
  const [own, dbus] = yield* together([tree.text('/etc/machine-id', 64), tree.text('/var/lib/dbus/machine-id', 64)]);
  if ([own, dbus].some((text) => text !== null && /^[0-9a-f]{32}$/i.test(text.trim()))) return 'set';
  return own === null ? 'absent' : 'empty';
}

/** Accounts that can log in with a password, as far as that can be read. */
export function* findPasswords(tree: GuestTree, skip: Skip): Reads<readonly Hazard[]> {
  const names = yield* readAccountsWithPassword(tree, skip);
  const message = `${countOf(names.length, 'account')} with a password: ${nameSome(names)}`;
  return names.length === 0 ? [] : [hazard('password_set', message)];
}

/** Authorised keys, and shell histories, in the homes that can be read. */
export function* findTraces(tree: GuestTree, skip: Skip): Reads<readonly Hazard[]> {
  const homes = yield* readHomes(tree);
  const paths = homes.map(({ home }) => home);
  const found = yield* salvage(paths, (home) => tracesIn(tree, home, skip), skip);
  const keys = found.flatMap((each) => each?.keys ?? []);
  const typed = found.flatMap((each) => each?.histories ?? []);
  return [
    ...(keys.length === 0 ? [] : [hazard('authorized_keys', `authorized SSH keys: ${nameSome(keys)}`)]),
    ...(typed.length === 0 ? [] : [hazard('shell_history', `shell history: ${nameSome(typed)}`)]),
  ];
}

interface Traces {
  readonly keys: readonly string[];
  readonly histories: readonly string[];
}

function* tracesIn(tree: GuestTree, home: string, skip: Skip): Reads<Traces> {
  const names = (yield* tree.list(home)).map(({ name }) => name);
  const prefix = home.endsWith('/') ? home : `${home}/`;
  const typed = histories.filter((name) => names.includes(name)).map((name) => prefix + name);
  const sizes = yield* salvage(typed, (path) => tree.size(path), skip);
  const keyPaths = names.includes('.ssh') ? keyFiles.map((name) => prefix + name) : [];
  const texts = yield* salvage(keyPaths, (path) => tree.text(path, maxKeysBytes), skip);
  return {
    keys: keyPaths.filter((_, index) => linesOf(texts[index] ?? '').length > 0),
    histories: typed.filter((_, index) => (sizes[index] ?? 0) > 0),
  };
}

function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => cutText(name, 64));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
