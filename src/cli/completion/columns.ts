// The columns of each command's results, for completion. Loaded only when -c is completed.
import { type CommandName, entryOf } from '../../docs/command-tree.ts';
import type { Typed } from '../../docs/completion/candidates.ts';
import { queueColumns } from '../options/fleet-options.ts';

type Columns = (typed: Typed) => Promise<readonly string[]> | readonly string[];

const ofImages: Columns = async () => (await import('../../client/image.ts')).imageKeys;
const none: Columns = () => [];

const columns: Readonly<Record<CommandName, Columns>> = {
  list: ofImages,
  show: ofImages,
  members: async () => (await import('../../client/image.ts')).memberKeys,
  stores: async () => (await import('../../client/image.ts')).storeKeys,
  download: async ({ options }) =>
    options.has('dryRun')
      ? (await import('../../client/download/foresee.ts')).planKeys
      : (await import('../../client/download/download-record.ts')).resultKeys,
  inspect: async () => (await import('../../client/inspect/report.ts')).reportKeys,
  files: async () => (await import('../../client/guest/guest-file.ts')).guestFileKeys,
  cat: none,
  verify: async () => (await import('../../client/verify.ts')).verdictKeys,
  mirror: async () => (await import('../../client/mirror/report.ts')).mirrorRowKeys,
  serve: none,
  worker: none,
  queue: () => Object.values(queueColumns).flat(),
  doctor: async () => (await import('../../client/doctor/finding.ts')).findingKeys,
  logout: none,
  completion: none,
  version: none,
};

/** The columns that `-c` takes with the command as typed so far; empty if it prints none. */
export async function columnsOf(typed: Typed): Promise<readonly string[]> {
  return (await entryOf(columns, typed.command)?.(typed)) ?? [];
}
