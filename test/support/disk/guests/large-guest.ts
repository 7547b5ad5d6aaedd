// The fixture of a large guest.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A qcow2 of a disk of 2 GiB with `largeGuest()` on its second partition. Made by test/disk/make-guest-fixture.mjs. */
export function largeGuestImage(): Buffer {
  return gunzipSync(readFileSync(new URL('../../../fixtures/disk/guest.qcow2.gz', import.meta.url)));
}
