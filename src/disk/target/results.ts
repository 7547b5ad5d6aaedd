// What one inspector of oslo.utils makes of image data.

/** Bytes that they see at once. */
export const pieceBytes = 64 * 1024;

/** A check that fails there. */
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
  /** Lower case, without an end. */
  readonly message: string;
  /** The code that decides, `CLASS.METHOD`. */
  readonly where: string;
}

/** What one of its inspectors makes of the data. */
export interface InspectorResult {
  /** `cut`: the data ends before all that is looked at; `unread`: that cannot be had here. */
  readonly state: 'whole' | 'cut' | 'unread';
  readonly failed: readonly FailedCheck[];
  /** Whether its virtual size cannot be read, which ends an upload that is declared to be of this format. */
  readonly isSizeOdd: boolean;
}
