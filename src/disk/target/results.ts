// The results of single inspectors of oslo.utils.

/** Bytes that inspectors see at a time. */
export const pieceBytes = 64 * 1024;

/** A check that fails in oslo.utils. */
export interface FailedCheck {
  /** Name of the check. */
  readonly code:
    | 'backing_file'
    | 'data_file'
    | 'unknown_features'
    | 'banned'
    | 'descriptor'
    | 'footer'
    | 'mbr'
    | 'version';
  /** Lower case, no full stop. */
  readonly message: string;
  /** The deciding code, `CLASS.METHOD`. */
  readonly where: string;
}

/** The result of one inspector. */
export interface InspectorResult {
  /** `cut`: the data ends before everything was checked; `unread`: the data is not available here. */
  readonly state: 'whole' | 'cut' | 'unread';
  readonly failed: readonly FailedCheck[];
  /** Whether its virtual size is unreadable, which aborts an upload declared to be of this format. */
  readonly isSizeOdd: boolean;
}
