// Events of a transfer of image data, as values. Progress bars, plain lines, JSON lines and silence are consumers.

/** One event of a transfer. Byte counts are of image data; `total` is null if unknown. */
export type TransferEvent =
  | {
      readonly event: 'start';
      readonly name: string;
      readonly total: number | null;
      /** Bytes from an earlier run; they are checked before more are fetched. */
      readonly kept: number;
    }
  /** Bytes from an earlier run that have been read again so far. */
  | { readonly event: 'check'; readonly bytes: number; readonly total: number }
  /** Bytes received again, from a store that sends only whole images; they are compared with what is there. */
  | { readonly event: 'compare'; readonly bytes: number; readonly total: number }
  | { readonly event: 'progress'; readonly bytes: number; readonly total: number | null }
  | {
      readonly event: 'retry';
      /** The number of the next attempt, ≥ 2. */
      readonly attempt: number;
      /** Milliseconds. */
      readonly delay_ms: number;
      /** Error code and message of the attempt that failed. */
      readonly code: string;
      readonly message: string;
      /** Bytes received so far: the next attempt continues from there. */
      readonly bytes: number;
    }
  /** The bytes received so far are discarded, for a reason other than network trouble. */
  | { readonly event: 'restart'; readonly code: string; readonly message: string }
  | { readonly event: 'verify'; readonly algorithms: readonly string[] }
  /** The data is being made durable and given its name. */
  | { readonly event: 'sync' }
  | { readonly event: 'done'; readonly bytes: number; readonly seconds: number }
  | {
      readonly event: 'failed';
      readonly bytes: number;
      /** The part file from which the next run resumes; null if nothing was kept. */
      readonly kept: { readonly path: string; readonly bytes: number } | null;
    };

/** Called with each event as it happens, in order. Must not throw. */
export type TransferListener = (event: TransferEvent) => void;
