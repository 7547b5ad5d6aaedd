// What is in a disk, as the report says it. Public interface: unknown is null.

/**
 * Why not all of it is known. `no_ranges`: the store cannot give parts of an image; `limit`: as much was read as may be;
 * `damaged`, `unsupported`: something in it contradicts itself, or is of a kind that is not read; `unavailable`: the store failed.
 */
export type WhyUnread = (typeof whysUnread)[number];

/** All of {@link WhyUnread}. */
export const whysUnread = ['no_ranges', 'limit', 'damaged', 'unsupported', 'unavailable'] as const;

export interface FileSystem {
  /** The number of a partition, or `lv GROUP/NAME`; null for a disk without partitions. */
  readonly partition: string | null;
  /** As blkid calls it, such as `ext4`, `crypto_LUKS`; null if nothing was recognised. */
  readonly type: string | null;
  readonly label: string | null;
  /** As blkid writes it. */
  readonly uuid: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** Bytes. */
  readonly free: number | null;
  /** Whether its files can be read; false for what is only named, and for what is damaged. */
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
  /** Of its programs, as `uname -m` says it; `arm` for all kinds of 32 bits. */
  readonly architecture: string | null;
}

export interface Kernel {
  /** As `uname -r` would say; null where nothing tells it. */
  readonly version: string | null;
  /** Whether there is an initial RAM disk for it. */
  readonly initrd: boolean;
}

export interface Packages {
  readonly manager: 'dpkg' | 'apk' | 'rpm' | 'pacman';
  /** Packages that are installed; null where its database could not be read. */
  readonly count: number | null;
}

export interface CloudInit {
  /** Those that it is told to try, in their order; null if it finds out by itself. */
  readonly datasources: readonly string[] | null;
}

/** What is in a disk. */
export interface Contents {
  /** Whether it was looked into. */
  readonly read: boolean;
  /** Why not, or not into all of it; null if nothing is missing. */
  readonly why: WhyUnread | null;
  readonly filesystems: readonly FileSystem[];
  readonly os: OperatingSystem | null;
  readonly kernels: readonly Kernel[] | null;
  readonly packages: Packages | null;
  readonly cloud_init: CloudInit | null;
  /** Whether the guest agent of QEMU is there. */
  readonly guest_agent: boolean | null;
  /** `empty` also where it is to be made at the first start. */
  readonly machine_id: 'set' | 'empty' | 'absent' | null;
  /** Bytes that were read for this. */
  readonly bytes_read: number;
  /** Reads that it took: requests, of a store. */
  readonly requests: number;
}

/** Of a disk that was not looked into, or not yet: null. */
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
