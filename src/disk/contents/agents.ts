// What connects a guest with its cloud: cloud-init or an alternative, and QEMU's guest agent.
import { type Reads, together } from '../blocks/reading.ts';
import type { CloudInit } from './contents.ts';
import type { GuestTree } from './guest-tree.ts';
import { linesOf, valueOf } from './lines.ts';

const cloudInitPaths = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init', '/etc/cloud/cloud.cfg'] as const;
/** Programs that do the work of cloud-init on other systems. */
const others = [
  '/usr/bin/ignition',
  '/usr/lib/dracut/modules.d/30ignition',
  '/usr/bin/coreos-cloudinit',
  '/sbin/cirros-init',
  '/usr/sbin/cirros-init',
  '/usr/bin/tiny-cloud',
  '/lib/tiny-cloud',
  '/usr/lib/tiny-cloud',
  '/usr/local/etc/nuageinit',
] as const;
const agentPaths = [
  '/usr/bin/qemu-ga',
  '/usr/sbin/qemu-ga',
  '/usr/local/bin/qemu-ga',
  '/usr/local/sbin/qemu-ga',
] as const;

const maxBytes = 64 * 1024;
const mostFiles = 64;
const mostDatasources = 32;

/** Which of these programs the guest has. */
interface Initialisation {
  readonly cloudInit: CloudInit | null;
  /** Whether cloud-init or an alternative is installed. */
  readonly isThere: boolean;
}

/** @throws UnreadableError */
export function* readInitialisation(tree: GuestTree): Reads<Initialisation> {
  const have = yield* together([...cloudInitPaths, ...others].map((path) => tree.has(path)));
  const isCloudInit = have.slice(0, cloudInitPaths.length).includes(true);
  const cloudInit = isCloudInit ? { datasources: yield* readDatasources(tree) } : null;
  return { cloudInit, isThere: have.includes(true) };
}

/** Whether QEMU's guest agent is installed. @throws UnreadableError */
export function* hasGuestAgent(tree: GuestTree): Reads<boolean> {
  return (yield* together(agentPaths.map((path) => tree.has(path)))).includes(true);
}

/**
 * `datasource_list` from the settings; the last file that has one counts.
 * @see https://cloudinit.readthedocs.io/en/latest/reference/base_config_reference.html
 */
function* readDatasources(tree: GuestTree): Reads<readonly string[] | null> {
  const names = (yield* tree.list('/etc/cloud/cloud.cfg.d'))
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.cfg'))
    .toSorted()
    .slice(0, mostFiles);
  const paths = ['/etc/cloud/cloud.cfg', ...names.map((name) => `/etc/cloud/cloud.cfg.d/${name}`)];
  const texts = yield* together(paths.map((path) => tree.text(path, maxBytes)));
  const lists = texts.map((text) => datasourcesOf(text ?? ''));
  return lists.findLast((list) => list !== null) ?? null;
}

/** The list, in YAML's one-line form or as lines below the key. */
function datasourcesOf(text: string): readonly string[] | null {
  const key = 'datasource_list:';
  const lines = linesOf(text);
  const at = lines.findLastIndex((line) => line.startsWith(key));
  if (at < 0) return null;
  const rest = lines.slice(at).join(' ').slice(key.length, 4096).trim();
  const words = rest.startsWith('[') ? rest.slice(1, rest.indexOf(']')).split(',') : itemsOf(lines.slice(at + 1));
  const names = words.map((word) => word.replaceAll(/["']/g, '').trim()).filter((word) => word !== '');
  return names.slice(0, mostDatasources).map((name) => valueOf(name, 64) ?? '');
}

function itemsOf(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => !line.startsWith('- '));
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => line.slice(2));
}
