// What looks at image data on its way to a file or a pipe, and has a say before the file gets its name.
import type { HazardCode } from '../disk/hazards.ts';
import { GlanceError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { inspectedImage } from '../library/inspect-image.ts';
import type { Observer } from '../transfer/frontier.ts';
import type { TrustedCertificate } from '../transfer/signature.ts';
import type { Context } from './context.ts';
import { readTextFile } from './settings.ts';

/** Something that sees every byte once, in order. */
export interface Watcher {
  readonly observer: Observer;
  /** Asked when all bytes were seen and match. @throws to refuse the image */
  readonly approve: () => void;
}

export interface SignatureOptions {
  readonly verifySignature?: boolean;
  readonly trustedCert?: readonly string[];
}

/** What has to see the bytes, so that their signature can be checked before anything gets a name. */
export async function watchSignature(
  { runtime }: Context,
  image: Image,
  { verifySignature, trustedCert = [] }: SignatureOptions,
): Promise<readonly Watcher[]> {
  if (verifySignature !== true) {
    if (trustedCert.length === 0) return [];
    throw new GlanceError('usage.option', '--trusted-cert is of use with --verify-signature only');
  }
  const { findSignature, notSignedError, readCertificates, SignatureVerifier } =
    await import('../transfer/signature.ts');
  const certificates: TrustedCertificate[] = [];
  for (const file of trustedCert) {
    // oxlint-disable-next-line no-await-in-loop -- one or two files
    certificates.push(...readCertificates(await readTextFile(runtime, '--trusted-cert', file)));
  }
  const claim = findSignature(image.properties);
  if (claim === null) throw notSignedError();
  const verifier = new SignatureVerifier(claim, certificates, runtime.clock.wallTime());
  return [{ observer: verifier, approve: () => void verifier.finish() }];
}

/** Warnings that somebody who fetches an image wants to know of: it is not all there, or no image. */
const lacking: ReadonlySet<HazardCode> = new Set<HazardCode>(['truncated', 'looks_like_text']);

/** Tells what the bytes are: a warning about what is unsafe, or with `--require-safe` an error. */
export async function watchFormat(
  { session }: Context,
  image: Image,
  { requireSafe }: { readonly requireSafe?: boolean },
): Promise<Watcher> {
  const { PassingInspector } = await import('../disk/passing.ts');
  const { createReport } = await import('../disk/report.ts');
  const inspector = new PassingInspector(image.size, image.disk_format === 'vhd');
  const approve = (): void => {
    const { safe, hazards } = createReport(inspectedImage(image), inspector.finish(), inspector.bytes);
    for (const { code, message } of hazards.filter((each) => lacking.has(each.code)))
      session.warn(`${image.name ?? image.id} may not be what it should be (${code}: ${message})`);
    if (safe === true) return;
    const unsafe = hazards.filter(({ severity }) => severity === 'unsafe');
    const what = unsafe.map(({ code, message }) => `${code}: ${message}`).join('; ');
    if (requireSafe !== true) session.warn(`${image.name ?? image.id} is not safe (${what})`);
    else {
      throw new GlanceError('unsafe.image', `image ${image.id} is not safe: ${what}`, {
        hint: 'glance-cli inspect tells more',
      });
    }
  };
  return { observer: inspector, approve };
}
