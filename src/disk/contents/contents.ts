// The contents of a disk as the report gives them. Public interface: unknown is null.

/**
 * Why the contents are incomplete. `no_ranges`: the store cannot send parts of an image; `limit`: no more may be read;
 * `damaged`, `unsupported`: something contradicts itself, or is of a kind that is not read; `unavailable`: the store failed.
 */
export type WhyUnread = (typeof whysUnread)[number];

/** All of {@link WhyUnread}. */
export const whysUnread = ['no_ranges', 'limit', 'damaged', 'unsupported', 'unavailable'] as const;

export interface FileSystem {
  /** The number of a partition, or `lv GROUP/NAME`; null for a disk without partitions. */
  readonly partition: string | null;
  /** blkid's name for it, such as `ext4` or `crypto_LUKS`; null if nothing was recognised. */
  readonly type: string | null;
  readonly label: string | null;
  /** As blkid writes it. */
  readonly uuid: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** Bytes. */
  readonly free: number | null;
  /** Whether its files can be read; false for kinds that are only named, and for damaged ones. */
  readonly read: boolean;
}

/** An operating system as its os-release describes it. */
export interface OperatingSystem {
  readonly id: string | null;
  readonly id_like: readonly string[];
  readonly version_id: string | null;
  readonly name: string | null;
  readonly pretty_name: string | null;
  readonly codename: string | null;
  /** Architecture of its programs, as `uname -m` prints it; `arm` for every 32-bit kind. */
  readonly architecture: string | null;
}

export interface Kernel {
  /** As `uname -r` prints it; null if unknown. */
  readonly version: string | null;
  /** Whether it has an initial RAM disk. */
  readonly initrd: boolean;
}

export interface Packages {
  readonly manager: 'dpkg' | 'apk' | 'rpm' | 'pacman';
  /** Number of installed packages; null where their database could not be read. */
  readonly count: number | null;
}

export interface CloudInit {
  /** The datasources it is configured to try, in order; null if it detects them by itself. */
  readonly datasources: readonly string[] | null;
}

/** What is in a disk. */
export interface Contents {
  /** Whether any of it was read. */
  readonly read: boolean;
  /** Why nothing, or not everything, was read; null if nothing is missing. */
  readonly why: WhyUnread | null;
  readonly filesystems: readonly FileSystem[];
  readonly os: OperatingSystem | null;
  readonly kernels: readonly Kernel[] | null;
  readonly packages: Packages | null;
  readonly cloud_init: CloudInit | null;
  /** Whether QEMU's guest agent is installed. */
  readonly guest_agent: boolean | null;
  /** `empty` also if it is to be created at the first boot. */
  readonly machine_id: 'set' | 'empty' | 'absent' | null;
  /** Bytes read for this. */
  readonly bytes_read: number;
  /** Number of reads; for a store, of requests. */
  readonly requests: number;
}

/** The contents of a disk that was not read, or not yet: all null. */
export function unreadContents(why: WhyUnread | null): Contents {
  return {
    read: false,
    why,
    filesystems: [],
    os: null,
    kernels: null,
    packages: null,
    cloud_init: null,
    guest_agent: null,
    machine_id: null,
    bytes_read: 0,
    requests: 0,
  };
}
