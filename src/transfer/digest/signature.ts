// Signatures by an image's owner over its data: what the properties claim, and whether a certificate that the user trusts
// proves it. The server's word is not enough: whoever changed the data could have supplied both.
import { createVerify, constants, type KeyObject, type Verify, X509Certificate } from 'node:crypto';
import { GlanceError } from '../../errors.ts';

/**
 * What the four properties of a signed image say.
 * @see https://docs.openstack.org/glance/latest/user/signature.html
 */
interface SignatureClaim {
  readonly signature: Buffer;
  readonly hash: { /** As OpenSSL names it, such as `sha256`. */ readonly name: string; readonly bytes: number };
  /** As the property says, such as `RSA-PSS`. */
  readonly keyType: string;
  /** The owner's certificate: an id in the cloud's key manager. */
  readonly certificateId: string;
}

/** A certificate that the user trusts. */
export interface TrustedCertificate {
  readonly subject: string;
  readonly key: KeyObject;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Maximum length in base64: a signature by a 16,384-bit key takes a sixth of it. */
const maxClaimLength = 16 * 1024;

/**
 * By the name in the property: OpenSSL's name, and the length of the digest in bytes, which the salt has to leave room
 * for.
 */
const hashes: ReadonlyMap<string, { readonly name: string; readonly bytes: number }> = new Map([
  ['SHA-224', { name: 'sha224', bytes: 28 }],
  ['SHA-256', { name: 'sha256', bytes: 32 }],
  ['SHA-384', { name: 'sha384', bytes: 48 }],
  ['SHA-512', { name: 'sha512', bytes: 64 }],
]);

/** The curve for each key type. */
const curves: ReadonlyMap<string, string> = new Map([
  ['ECC_SECT571K1', 'sect571k1'],
  ['ECC_SECT409K1', 'sect409k1'],
  ['ECC_SECT571R1', 'sect571r1'],
  ['ECC_SECT409R1', 'sect409r1'],
  ['ECC_SECP521R1', 'secp521r1'],
  ['ECC_SECP384R1', 'secp384r1'],
]);

/**
 * Reads the claim from an image's properties.
 * @returns null if any of the four properties is missing, so that the image is not signed
 * @throws GlanceError `signature.unsupported` for an unknown method or key type, or a signature that is not base64
 */
export function findSignature(properties: Readonly<Record<string, string | null>>): SignatureClaim | null {
  const text = properties['img_signature'] ?? null;
  const method = properties['img_signature_hash_method'] ?? null;
  const keyType = properties['img_signature_key_type'] ?? null;
  const certificateId = properties['img_signature_certificate_uuid'] ?? null;
  if (text === null || method === null || keyType === null || certificateId === null) return null;
  const hash = hashes.get(method);
  if (hash === undefined) throw unsupported(`its hash method is "${method}"`);
  if (keyType !== 'RSA-PSS' && keyType !== 'DSA' && !curves.has(keyType)) {
    throw unsupported(`its key type is "${keyType}"`);
  }
  if (text.length > maxClaimLength) throw unsupported('it is too long to be a signature');
  const plain = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+=*$/.test(plain)) throw unsupported('it is not written in base64');
  const signature = Buffer.from(plain, 'base64');
  if (signature.length === 0) throw unsupported('it is not written in base64');
  return { signature, hash, keyType, certificateId };
}

/**
 * Reads the certificates in a PEM file.
 * @throws GlanceError `config.invalid` if there is none, or if one cannot be read
 */
export function readCertificates(pem: string): readonly TrustedCertificate[] {
  const begin = '-----BEGIN CERTIFICATE-----';
  const end = '-----END CERTIFICATE-----';
  const blocks = pem
    .split(begin)
    .slice(1)
    .flatMap((text) => {
      const length = text.indexOf(end);
      return length < 0 ? [] : [begin + text.slice(0, length) + end];
    });
  if (blocks.length === 0) throw new GlanceError('config.invalid', 'the file has no certificate in PEM');
  return blocks.map((block) => {
    try {
      const { publicKey, subject, validFrom, validTo } = new X509Certificate(block);
      const dates = { validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) };
      return { subject: subject.replaceAll('\n', ', '), key: publicKey, ...dates };
    } catch (cause) {
      throw new GlanceError('config.invalid', 'a certificate in the file cannot be read', { cause });
    }
  });
}

/** Checks a signature over bytes as they pass, with each certificate whose key is of the right kind. */
export class SignatureVerifier {
  readonly #claim: SignatureClaim;
  readonly #candidates: readonly TrustedCertificate[];
  #verify: readonly Verify[];

  /**
   * @param now milliseconds since 1970
   * @throws GlanceError `signature.untrusted` if no certificate is of the right kind and valid now
   */
  constructor(claim: SignatureClaim, certificates: readonly TrustedCertificate[], now: number) {
    this.#claim = claim;
    const fitting = certificates.filter(({ key }) => fits(claim, key));
    this.#candidates = fitting.filter(({ validFrom, validTo }) => validFrom <= now && now <= validTo);
    if (this.#candidates.length === 0) throw untrusted(claim, certificates.length, fitting.length);
    this.#verify = this.#start();
  }

  update(bytes: Uint8Array): void {
    for (const verify of this.#verify) verify.update(bytes);
  }

  /** Call when everything starts over. */
  reset(): void {
    this.#verify = this.#start();
  }

  /**
   * Returns the subject of the certificate that proves the signature.
   * @throws GlanceError `signature.invalid` if none does
   */
  finish(): string {
    const { signature } = this.#claim;
    for (const [index, { key, subject }] of this.#candidates.entries()) {
      if (this.#verify[index]?.verify(options(this.#claim, key), signature) === true) return subject;
    }
    const text = 'the signature of the image does not match its data, or another key made it';
    throw new GlanceError('signature.invalid', text, { hint: 'do not use the image; ask its owner' });
  }

  #start(): readonly Verify[] {
    return this.#candidates.map(() => createVerify(this.#claim.hash.name));
  }
}

function fits({ keyType }: SignatureClaim, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (keyType === 'RSA-PSS') return asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss';
  if (keyType === 'DSA') return asymmetricKeyType === 'dsa';
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === curves.get(keyType);
}

interface VerifyOptions {
  readonly key: KeyObject;
  readonly padding?: number;
  readonly saltLength?: number;
}

/** RSA: the salt is as long as the key allows, and MGF1 uses the same hash. @see RFC 8017 §9.1.1 */
function options({ keyType, hash }: SignatureClaim, key: KeyObject): VerifyOptions {
  if (keyType !== 'RSA-PSS') return { key };
  const encodedBytes = Math.ceil(((key.asymmetricKeyDetails?.modulusLength ?? 0) - 1) / 8);
  const saltLength = encodedBytes - hash.bytes - 2;
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

/** The error for an image that should be signed and is not. */
export function notSignedError(): GlanceError {
  return new GlanceError('signature.missing', 'the image is not signed', {
    hint: 'without `verifySignature` it is compared with the digest of the server only',
  });
}

function unsupported(why: string): GlanceError {
  return new GlanceError('signature.unsupported', `the signature of the image cannot be checked: ${why}`);
}

function untrusted({ certificateId, keyType }: SignatureClaim, given: number, fitting: number): GlanceError {
  const signed = `the image is signed (${keyType}, certificate ${certificateId})`;
  if (given === 0) {
    return new GlanceError('signature.untrusted', `${signed}, but no certificate to trust was given`, {
      hint: 'get the certificate of its owner in some safe way and give `trustedCert: FILE`',
    });
  }
  const why =
    fitting === 0 ? 'no certificate that was given has a key of that kind' : 'the certificate is not valid now';
  return new GlanceError('signature.untrusted', `${signed}, but ${why}`);
}
