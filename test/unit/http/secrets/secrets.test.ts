import { expect, test } from 'vitest';
import { GlanceError } from '../../../../src/errors.ts';
import { Secrets } from '../../../../src/http/secrets/secrets.ts';

function withAll(...secrets: readonly string[]): Secrets {
  const register = new Secrets();
  for (const secret of secrets) register.add(secret);
  return register;
}

test('hides tokens in results, and passwords in messages only', () => {
  const secrets = withAll('password-1');
  secrets.addToken('token-value-1');
  expect(secrets.hide('password-1, token-value-1')).toBe('***, ***');
  expect(secrets.hideTokens('password-1, token-value-1')).toBe('password-1, ***');
});

test('hides the longer of two secrets if one is part of the other', () => {
  expect(withAll('password', 'password-and-more').hide('password-and-more password')).toBe('*** ***');
});

test.each([
  ['of seven characters in text', 'cirros7', 'cirros7 is an image', 'cirros7 is an image'],
  ['of eight characters in text', 'cirros88', 'cirros88 is an image', '*** is an image'],
])('looks for a secret %s', (_what, secret, text, shown) => {
  expect(withAll(secret).hide(text)).toBe(shown);
});

test.each([
  ['http://h/v2/images?name=cirros&x=cirros5', 'http://h/v2/images?name=***&x=cirros5'],
  ['server: cirros', 'server: ***'],
  ['server: mycirros cirros', 'server: mycirros ***'],
])('hides a short secret in headers and URLs only if it stands alone: %s', (line, shown) => {
  expect(withAll('cirros').hideInHeader(line)).toBe(shown);
});

test('extracts the password from a login that is sent', () => {
  const secrets = new Secrets();
  secrets.addAuthorization(`Basic ${Buffer.from('user:p%C3%A4ssword').toString('base64')}`);
  secrets.addAuthorization('Bearer an-access-token');
  expect(secrets.hide(`p%C3%A4ssword pässword ${Buffer.from('user:p%C3%A4ssword').toString('base64')}`)).toBe(
    '*** *** ***',
  );
  expect(secrets.hideTokens('an-access-token')).toBe('***');
});

test('removes tokens from JSON, including keys and nested texts, and leaves the rest', () => {
  const secrets = new Secrets();
  secrets.addToken('token-value-1');
  const value: unknown = JSON.parse('{"__proto__": "token-value-1", "a": [1, null, {"token-value-1": "x"}], "b": "y"}');
  expect(JSON.stringify(secrets.hideTokensIn(value))).toBe('{"__proto__":"***","a":[1,null,{"***":"x"}],"b":"y"}');
});

test('removes secrets from an error and its causes, without changing objects that the error refers to', () => {
  const matches = [{ id: 'password-1' }];
  const error = new GlanceError('http.status', 'no password-1', { hint: 'password-1', cause: new Error('password-1') });
  Object.assign(error, { matches });
  expect(withAll('password-1').hideInError(error)).toMatchObject({
    message: 'no ***',
    facts: { hint: '***' },
    cause: { message: '***' },
    matches: [{ id: '***' }],
  });
  expect(error.stack).not.toContain('password-1');
  expect(matches).toEqual([{ id: 'password-1' }]);
});

test('hides nothing if nothing is secret', () => {
  const secrets = withAll('', 'ab');
  secrets.addToken(null);
  expect(secrets.hideInHeader('ab: text')).toBe('ab: text');
});

test('cuts a long message in the middle once secrets are hidden, and keeps a path complete', () => {
  const secret = 'password-1';
  const long = `${'a'.repeat(1495)}${secret}${'b'.repeat(20_000)} that is the end`;
  const path = `/${'p'.repeat(4000)}`;
  const error = new GlanceError('http.status', long, {
    url: long,
    partial: { path, bytes: 1 },
    cause: new Error(long),
  });
  const shown = withAll(secret).hideInError(error);
  const short = expect.stringMatching(/^a{1495}\*\*\*bb…b+ that is the end$/) as string;
  expect(shown).toMatchObject({ message: short, facts: { url: short, partial: { path } }, cause: { message: short } });
  expect(shown.message.length).toBeLessThan(2000);
  expect(shown.stack).toContain(shown.message);
  expect(shown.stack?.length).toBeLessThan(10_000);
  const between = new Secrets().hideInMessage(`${'x'.repeat(1499)}\u{1f600}${'y'.repeat(1000)}`);
  expect(between).toBe(`${'x'.repeat(1499)}…${'y'.repeat(400)}`);
});

test('knows the secret of a single request until many others have followed', () => {
  const secrets = new Secrets();
  const signatureOf = (index: number): string => index.toString(16).padStart(64, '0');
  for (let index = 0; index < 101; index++) secrets.addPassing(signatureOf(index));
  expect(secrets.hide(signatureOf(100))).toBe('***');
  expect(secrets.hideInHeader(`ETag: ${signatureOf(1)}`)).toBe('ETag: ***');
  expect(secrets.hide(signatureOf(0))).toBe(signatureOf(0));
  const error = new GlanceError('net.reset', `sent ${signatureOf(50)}`);
  expect(secrets.hideInError(error).message).toBe('sent ***');
});
