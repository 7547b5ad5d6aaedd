// tar, and OVA: a tar whose first member is an OVF descriptor. References in the descriptor are checked.
// @see https://www.dmtf.org/standards/ovf
import { countOf } from '../../text/count.ts';
import { cutText } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import type { FormatParser, Reading } from '../parsing/parser.ts';
import { readOvf } from './ovf.ts';
import { isTarHeader, mostTarBytes, readMembers, type TarMember } from './tar-members.ts';

/** Only the size of the header limits the length of a name. */
const longestName = 1024;

/** One parser for both: only the first member tells which it is, and it may come after long headers. */
export const tar: FormatParser = {
  format: 'tar',
  recognise: isTarHeader,
  read: readTar,
};

function isOvf({ name }: TarMember): boolean {
  return name.toLowerCase().endsWith('.ovf');
}

function* readTar(): Reading<DiskFinding> {
  const { members, problem, isCut } = yield* readMembers(isOvf);
  const first = members[0];
  const last = members.at(-1);
  const descriptor = last !== undefined && isOvf(last) ? last : null;
  const draft = new Draft(descriptor !== null && descriptor === first ? 'ova' : 'tar');
  if (isCut) draft.truncated('the headers of its first member');
  if (problem !== null) draft.require(false, problem);
  if (first !== undefined && descriptor !== first) draft.detail('first_member', cutText(first.name, longestName));
  const isNear = descriptor !== null && descriptor.offset + descriptor.size <= mostTarBytes;
  // A descriptor that is not the first member does not make this an OVA, but some programs look for it.
  if (descriptor !== null && (isNear || descriptor === first)) yield* readDescriptor(draft, descriptor);
  return draft.finish();
}

function* readDescriptor(draft: Draft, { name, type, offset, size }: TarMember): Reading<void> {
  draft.detail('descriptor', cutText(name, longestName));
  if (type !== '0') {
    draft.require(false, `its OVF descriptor is not a file, but of type ${type}`);
    return;
  }
  if (offset + size > mostTarBytes) {
    draft.require(
      false,
      `the OVF descriptor does not end within the first MiB: ${countOf(size, 'byte')} at byte ${String(offset)}`,
    );
    return;
  }
  const bytes = (yield { from: 'start', offset, length: size }) ?? new Uint8Array();
  if (bytes.length < size) draft.truncated('the OVF descriptor');
  readOvf(draft, bytes, bytes.length === size);
}
