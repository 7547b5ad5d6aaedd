// Memory held by objects.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the heap in use after garbage collection. */
export function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Bytes in use outside of the heap after garbage collection. */
export function externalBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Another thread frees memory outside of the heap after each collection. The next one waits for it. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
}
