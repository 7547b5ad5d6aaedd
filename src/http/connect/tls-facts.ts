// What a server reveals when TLS is set up. For `doctor`; requests verify certificates themselves.
import { connect } from 'node:tls';
import type { TlsSettings } from './dispatchers.ts';

export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** Whether the certificate would be accepted. */
  readonly trusted: boolean;
  /** ISO 8601, UTC; '' if unknown. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** Common name of its subject. */
  readonly subject: string;
  /** Common name of its issuer. */
  readonly issuer: string;
}

const timeoutMs = 10_000;

/** Connects, looks, and disconnects. Accepts any certificate, trusted or not. @throws Error if TLS cannot be set up */
export function readTlsFacts(url: URL, { ca, cert, key }: TlsSettings): Promise<TlsFacts> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: url.port === '' ? 443 : Number(url.port),
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      rejectUnauthorized: false,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate();
      resolve({
        protocol: socket.getProtocol() ?? 'unknown',
        trusted: socket.authorized,
        validFrom: isoOf(certificate.valid_from),
        validUntil: isoOf(certificate.valid_to),
        subject: String(certificate.subject.CN),
        issuer: String(certificate.issuer.CN),
      });
      socket.destroy();
    });
  });
}

function isoOf(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
}
