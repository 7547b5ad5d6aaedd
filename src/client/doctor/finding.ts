import type { GlanceError } from '../../errors.ts';

/** The result of one check. */
export interface Finding {
  /** `connection`, `login`, `endpoint`, `tls`, `versions`, `clock`, `list`, `range`, `next` (what to do first), or `setting NAME`. */
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  /** For people, without secrets; may be empty. */
  readonly detail: string;
  /** The check's failure, if it was a GlanceError. Not printed. */
  readonly failure?: GlanceError;
}

/** The keys of {@link Finding} in the order in which they are printed. */
export const findingKeys = ['check', 'status', 'detail'] as const satisfies readonly (keyof Finding)[];
