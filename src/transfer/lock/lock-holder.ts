// What the two kinds of lock and those who take them share.

/** What is known about processes. */
export interface ProcessFacts {
  /** Ours; 0 where it is not told. */
  readonly pid: number;
  /** Our user's number; null where users have none. Absent: it is not known, and nobody's word is taken for ours. */
  readonly uid?: number | null;
  readonly platform: NodeJS.Platform;
  /** Whether a process of this number is running. */
  readonly isRunning: (pid: number) => boolean;
}

export interface Lock {
  /** Never throws. */
  release(): Promise<void>;
}

/** What is known of a lock that is there. */
export interface LockHolder {
  /** False for a lock that a killed process left; true where that cannot be told. */
  readonly isAlive: boolean;
  /** By its own word; null where it gives none. */
  readonly pid: number | null;
}
