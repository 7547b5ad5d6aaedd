// Observers of image data on its way to a file or a pipe. They can refuse it before the file gets its name.
import type { HazardCode } from '../../disk/parsing/hazards.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { inspectedImage } from '../inspect/inspect-image.ts';
import type { Observer } from '../../transfer/digest/frontier.ts';
import type { TrustedCertificate } from '../../transfer/digest/signature.ts';
import type { Connection } from '../connection.ts';
import { readTextFile } from '../settings.ts';

/** Sees every byte once, in order, and can refuse the image. */
interface Witness {
  readonly observer: Observer;
  /** Called when all bytes have been seen and match. @throws to refuse the image */
  readonly approve: () => void;
}

export interface SignatureDemands {
  /** Whether one of {@link trustedCert} must have signed the data. Absent: false. */
  readonly verifySignature?: boolean;
  /** PEM files of the certificates trusted to sign it. Absent: none. */
  readonly trustedCert?: readonly string[];
}

/** The observer that checks the signature before any file gets its name. */
export async function observeSignature(
  connection: Pick<Connection, 'system' | 'signal'>,
  image: Image,
  { verifySignature, trustedCert = [] }: SignatureDemands,
): Promise<readonly Witness[]> {
  if (verifySignature !== true) {
    if (trustedCert.length === 0) return [];
    throw new GlanceError('usage.option', '`trustedCert` works with `verifySignature` only');
  }
  const { findSignature, notSignedError, readCertificates, SignatureVerifier } =
    await import('../../transfer/digest/signature.ts');
  const certificates: TrustedCertificate[] = [];
  for (const file of trustedCert) {
    certificates.push(...readCertificates(await readTextFile(connection, { source: '`trustedCert`', path: file })));
  }
  const claim = findSignature(image.properties);
  if (claim === null) throw notSignedError();
  const verifier = new SignatureVerifier(claim, certificates, connection.system.clock.wallTime());
  return [{ observer: verifier, approve: () => void verifier.finish() }];
}

/** Hazards that concern anyone who downloads an image: it is incomplete, or not an image. */
const lacking: ReadonlySet<HazardCode> = new Set<HazardCode>(['truncated', 'looks_like_text']);

export interface FormatDemands {
  /** Whether to refuse an image that is not safe to hand to a hypervisor. Absent: false, which only warns. */
  readonly requireSafe?: boolean;
}

/** The observer that detects the data's format; it warns about unsafe data, or refuses it. */
export async function observeFormat(
  image: Image,
  { requireSafe }: FormatDemands,
  warn: (message: string) => void,
): Promise<Witness> {
  const { PassingInspector } = await import('../../disk/passing.ts');
  const { createReport } = await import('../../disk/report.ts');
  const inspector = new PassingInspector(image.size, image.disk_format === 'vhd');
  const approve = (): void => {
    const { safe, hazards } = createReport(inspectedImage(image), inspector.finish(), inspector.bytes);
    for (const { code, message } of hazards.filter((each) => lacking.has(each.code)))
      warn(`${image.name ?? image.id} may not be what it should be (${code}: ${message})`);
    if (safe === true) return;
    const unsafe = hazards.filter(({ severity }) => severity === 'unsafe');
    const what = unsafe.map(({ code, message }) => `${code}: ${message}`).join('; ');
    if (requireSafe !== true) warn(`${image.name ?? image.id} is not safe (${what})`);
    else {
      throw new GlanceError('unsafe.image', `image ${image.id} is not safe: ${what}`, {
        hint: 'glance-cli inspect shows more',
      });
    }
  };
  return { observer: inspector, approve };
}
