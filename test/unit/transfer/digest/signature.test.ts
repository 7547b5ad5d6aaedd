import { constants, createPrivateKey, createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSignature, readCertificates, SignatureVerifier } from '../../../../src/transfer/digest/signature.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const now = Date.UTC(2027, 0, 1);
const text = Buffer.from('signed by another library');
const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/signatures/${name}`, import.meta.url), 'utf8');

function properties(signature: string, method: string, keyType: string): Record<string, string> {
  return {
    img_signature: signature,
    img_signature_hash_method: method,
    img_signature_key_type: keyType,
    img_signature_certificate_uuid: 'c0ffee',
  };
}

function check(claimed: Record<string, string>, pem: string, data: Buffer, at = now): string {
  const claim = findSignature(claimed);
  if (claim === null) throw new Error('not signed');
  const verifier = new SignatureVerifier(claim, readCertificates(pem), at);
  for (const byte of data) verifier.update(Buffer.from([byte]));
  return verifier.finish();
}

/** An RSA signature with a salt of this many bytes. */
function signRsa(saltLength: number): string {
  const key = createPrivateKey(fixture('rsa.key'));
  const signer = createSign('sha256').update(text);
  return signer.sign({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }).toString('base64');
}

describe('a signature', () => {
  it.each([
    ['library.rsa-pss-sha256.b64', 'SHA-256', 'RSA-PSS', 'rsa'],
    ['library.rsa-pss-sha512.b64', 'SHA-512', 'RSA-PSS', 'rsa'],
    ['library.p384-sha384.b64', 'SHA-384', 'ECC_SECP384R1', 'p384'],
    ['library.p521-sha224.b64', 'SHA-224', 'ECC_SECP521R1', 'p521'],
  ])("made by OpenStack's library is valid: %s", (file, method, keyType, certificate) => {
    const claimed = properties(fixture(file), method, keyType);
    expect(check(claimed, fixture(`${certificate}.pem`), text)).toBe(`CN=${certificate}`);
    const altered = Buffer.from(text);
    altered[3] = 0;
    expect(() => check(claimed, fixture(`${certificate}.pem`), altered)).toThrow('does not match its data');
  });

  it('is checked against all given certificates', () => {
    const claimed = properties(fixture('library.rsa-pss-sha256.b64'), 'SHA-256', 'RSA-PSS');
    const all = ['p384', 'other', 'rsa'].map((name) => fixture(`${name}.pem`)).join('\n');
    expect(check(claimed, all, text)).toBe('CN=rsa');
  });

  it('by another key is invalid', () => {
    const claimed = properties(fixture('library.rsa-pss-sha256.b64'), 'SHA-256', 'RSA-PSS');
    expect(() => check(claimed, fixture('other.pem'), text)).toThrow(
      expect.objectContaining({ code: 'signature.invalid' }),
    );
  });

  it('with a salt shorter than the maximum is invalid', () => {
    expect(check(properties(signRsa(256 - 32 - 2), 'SHA-256', 'RSA-PSS'), fixture('rsa.pem'), text)).toBe('CN=rsa');
    expect(() => check(properties(signRsa(32), 'SHA-256', 'RSA-PSS'), fixture('rsa.pem'), text)).toThrow(
      expect.objectContaining({ code: 'signature.invalid' }),
    );
  });

  it.each([
    ['no certificate', '', 'no certificate to trust was given'],
    ['a key of another kind', 'p384.pem', 'no certificate that was given has a key of that kind'],
    ['an expired certificate', 'expired.pem', 'not valid now'],
  ])('with %s is not trusted', (_what, file, message) => {
    const claim = findSignature(properties(fixture('library.rsa-pss-sha256.b64'), 'SHA-256', 'RSA-PSS'));
    const certificates = file === '' ? [] : readCertificates(fixture(file));
    expect(() => claim === null || new SignatureVerifier(claim, certificates, now)).toThrow(
      expect.objectContaining({ code: 'signature.untrusted', message: expect.stringContaining(message) }),
    );
  });

  it('only exists with all four properties', () => {
    const all = properties('YQ==', 'SHA-256', 'RSA-PSS');
    for (const missing of Object.keys(all)) {
      expect(findSignature(Object.fromEntries(Object.entries(all).filter(([key]) => key !== missing)))).toBeNull();
    }
  });

  it.each([
    ['SHA-1', 'RSA-PSS', 'YQ=='],
    ['SHA-256', 'ED25519', 'YQ=='],
    ['SHA-256', 'RSA-PSS', 'not base64!'],
    ['constructor', 'RSA-PSS', 'YQ=='],
  ])('with hash method %s, key type %s, text %s cannot be checked', (method, keyType, signature) => {
    expect(() => findSignature(properties(signature, method, keyType))).toThrow(
      expect.objectContaining({ code: 'signature.unsupported' }),
    );
  });

  it('needs a readable file of certificates', () => {
    expect(() => readCertificates('hello')).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(() => readCertificates(broken)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});

describe('download --verify-signature', () => {
  const claimed = properties(fixture('library.rsa-pss-sha256.b64'), 'SHA-256', 'RSA-PSS');

  async function download(
    signed: Record<string, string>,
    data: Buffer,
    certificate: string | null,
  ): Promise<{ code: number; error: unknown; names: string[] }> {
    const cwd = await tempDir();
    if (certificate !== null) await writeFile(join(cwd, 'cert.pem'), fixture(certificate));
    const server = await glance([makeEntry(data, { id: '1', properties: signed })]);
    const trust = certificate === null ? [] : ['--trusted-cert', 'cert.pem'];
    const args = ['download', '1', '-o', 'f', '-f', 'json', '--verify-signature', ...trust];
    const first = await server.cli(args, { cwd });
    const names = (await readdir(cwd)).filter((name) => name !== 'cert.pem');
    return { code: first.code, error: first.code === 0 ? null : first.error()['code'], names };
  }

  it('gives a file its name only if the signature is valid', async () => {
    expect(await download(claimed, text, 'rsa.pem')).toEqual({ code: 0, error: null, names: ['f'] });
    const other = Buffer.from('not what was signed');
    expect(await download(claimed, other, 'rsa.pem')).toEqual({ code: 6, error: 'signature.invalid', names: [] });
    expect(await download({}, text, 'rsa.pem')).toEqual({ code: 6, error: 'signature.missing', names: [] });
    expect(await download(claimed, text, null)).toEqual({ code: 6, error: 'signature.untrusted', names: [] });
  });

  it('checks an existing file too', async () => {
    const cwd = await tempDir();
    const other = Buffer.from('not what was signed');
    await writeFile(join(cwd, 'cert.pem'), fixture('rsa.pem'));
    await writeFile(join(cwd, 'f'), other);
    const server = await glance([makeEntry(other, { id: '1', properties: claimed })]);
    const args = ['download', '1', '-o', 'f', '--verify-signature', '--trusted-cert', 'cert.pem', '-f', 'json'];
    const result = await server.cli(args, { cwd });
    expect([result.code, result.error()['code']]).toEqual([6, 'signature.invalid']);
  });

  it('is foreseen by a dry run as far as the record and existing files decide it', async () => {
    const [cwd, other] = [await tempDir(), Buffer.from('not what was signed')];
    await writeFile(join(cwd, 'cert.pem'), fixture('rsa.pem'));
    await writeFile(join(cwd, 'there'), other);
    const server = await glance([
      makeEntry(text, { id: '1', properties: claimed }),
      makeEntry(text, { id: '2', status: 'queued' }),
      makeEntry(other, { id: '3', properties: claimed }),
    ]);
    const both = ['--verify-signature', '--trusted-cert', 'cert.pem'];
    const ends = [];
    for (const args of [
      ['1', '-o', 'f', ...both],
      ['2', '-o', 'f', ...both],
      ['2', ...both],
      ['1', '-o', 'f', '--verify-signature'],
      ['1', '-o', 'f', '--trusted-cert', 'cert.pem'],
      ['3', '-o', 'there', ...both],
      ['1', '2', '-o', './', ...both],
    ]) {
      const command = ['download', ...args, '-f', 'json', '--error-format', 'json'];
      const planned = await server.cli([...command, '--dry-run'], { cwd });
      const { code, error } = await server.cli(command, { cwd });
      const end = [code, code === 0 ? null : error()['code']];
      expect([planned.code, planned.code === 0 ? null : planned.error()['code']]).toEqual(end);
      ends.push(end);
    }
    expect(ends).toEqual([
      [0, null],
      [6, 'signature.missing'],
      [6, 'signature.missing'],
      [6, 'signature.untrusted'],
      [2, 'usage.option'],
      [6, 'signature.invalid'],
      [9, 'partial'],
    ]);
  });
});
