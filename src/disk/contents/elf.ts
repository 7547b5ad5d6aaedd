// The architecture of a guest, from the ELF header of one of its programs.
// @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/elf-em.h
import type { Reads } from '../blocks/reading.ts';
import { hasText, viewOf } from '../parsing/bytes.ts';
import type { GuestTree } from './guest-tree.ts';

/** Programs that nearly every guest has. */
const programs = ['/bin/sh', '/usr/bin/env', '/sbin/init', '/usr/lib/systemd/systemd'] as const;
const headerBytes = 20;

/**
 * By e_machine, as `uname -m` prints it; where class and byte order matter: for 64-bit little-endian, 64-bit big-endian, and
 * all others.
 */
const machines: Readonly<
  Record<number, string | { readonly le64?: string; readonly be64?: string; readonly else: string }>
> = {
  2: 'sparc',
  3: 'i686',
  8: { le64: 'mips64el', be64: 'mips64', else: 'mips' },
  20: 'ppc',
  21: { le64: 'ppc64le', else: 'ppc64' },
  22: { be64: 's390x', else: 's390' },
  40: 'arm',
  43: 'sparc64',
  50: 'ia64',
  62: 'x86_64',
  183: 'aarch64',
  243: { le64: 'riscv64', else: 'riscv32' },
  258: { le64: 'loongarch64', else: 'loongarch32' },
};

/** The architecture of a guest; null if no program reveals it. @throws UnreadableError */
export function* readArchitecture(tree: GuestTree): Reads<string | null> {
  for (const path of programs) {
    const header = yield* tree.bytes(path, headerBytes);
    const machine = header === null ? null : machineOf(header);
    if (machine !== null) return machine;
  }
  return null;
}

/** The machine in an ELF header; null for other data, and for machines without a name here. */
function machineOf(header: Uint8Array): string | null {
  if (header.length < headerBytes || !hasText(header, 0, '\u007fELF')) return null;
  const is64 = header[4] === 2;
  const isLittle = header[5] === 1;
  const names = machines[viewOf(header).getUint16(18, isLittle)];
  if (names === undefined || typeof names === 'string') return names ?? null;
  return (is64 ? (isLittle ? names.le64 : names.be64) : undefined) ?? names.else;
}
