// Types that both kinds of lock and their users share.

/** Facts about processes. */
export interface ProcessFacts {
  /** Our process id; 0 if unknown. */
  readonly pid: number;
  /** Our user id; null if users have none. Absent: unknown, so that nothing is trusted to be ours. */
  readonly uid?: number | null;
  readonly platform: NodeJS.Platform;
  /** Whether a process with this id is running. */
  readonly isRunning: (pid: number) => boolean;
}

export interface Lock {
  /** Never throws. */
  release(): Promise<void>;
}

/** What is known about an existing lock. */
export interface LockHolder {
  /** False for a lock left by a killed process; true if unknown. */
  readonly isAlive: boolean;
  /** As the holder states it; null if it does not. */
  readonly pid: number | null;
}
