import { describe, expect, it } from 'vitest';
import { authMethods, authScope } from '../../../src/identity/credentials.ts';
import { makeCloud } from '../../support/cloud.ts';

const payloads = (...args: Parameters<typeof makeCloud>) =>
  Object.fromEntries(authMethods(makeCloud(...args)).map(({ name, payload }) => [name, payload]));

describe('authMethods', () => {
  it('are by password, with the user by name and domain or by id', () => {
    expect(payloads({ username: 'u', password: 'p', user_domain_name: 'D' })).toEqual({
      password: { user: { name: 'u', domain: { name: 'D' }, password: 'p' } },
    });
    expect(payloads({ user_id: 'i', username: 'u', password: 'p' }, { authType: 'v3password' })).toEqual({
      password: { user: { id: 'i', password: 'p' } },
    });
  });

  it('are by application credential, by id or by name with its user', () => {
    expect(
      payloads(
        { application_credential_id: 'i', application_credential_secret: 's' },
        { authType: 'v3applicationcredential' },
      ),
    ).toEqual({
      application_credential: { id: 'i', secret: 's' },
    });
    expect(
      payloads(
        { application_credential_name: 'n', application_credential_secret: 's', username: 'u', user_domain_id: 'd' },
        { authType: 'v3applicationcredential' },
      ),
    ).toEqual({ application_credential: { name: 'n', secret: 's', user: { name: 'u', domain: { id: 'd' } } } });
  });

  it('are by token, by TOTP, or by several at once', () => {
    expect(payloads({ token: 't' }, { authType: 'v3token' })).toEqual({ token: { id: 't' } });
    const auth = { user_id: 'i', password: 'p', passcode: '123456' };
    expect(payloads(auth, { authType: 'v3totp' })).toEqual({ totp: { user: { id: 'i', passcode: '123456' } } });
    expect(payloads(auth, { authType: 'v3multifactor', authMethods: ['v3password', 'v3totp'] })).toEqual({
      password: { user: { id: 'i', password: 'p' } },
      totp: { user: { id: 'i', passcode: '123456' } },
    });
  });

  it.each(['v3kerberos', 'v3samlpassword', 'v2password', 'constructor'])(
    'do not include %s, for which an alternative is suggested',
    (authType) => {
      expect(() => authMethods(makeCloud({}, { authType }))).toThrow(
        expect.objectContaining({
          code: 'config.invalid',
          facts: expect.objectContaining({ hint: expect.stringContaining('OS_TOKEN') }),
        }),
      );
    },
  );

  it('report what is missing with its variable', () => {
    expect(() => authMethods(makeCloud({ username: 'u' }))).toThrow(
      expect.objectContaining({
        code: 'auth.missing',
        facts: expect.objectContaining({ hint: expect.stringContaining('OS_PASSWORD') }),
      }),
    );
  });
});

describe('authScope', () => {
  it.each([
    [{ project_id: 'p', project_name: 'x' }, { project: { id: 'p' } }],
    [{ project_name: 'p', project_domain_name: 'D' }, { project: { name: 'p', domain: { name: 'D' } } }],
    [{ domain_name: 'D' }, { domain: { name: 'D' } }],
    [{ system_scope: 'all' }, { system: { all: true } }],
    [{ trust_id: 't', project_id: 'p' }, { 'OS-TRUST:trust': { id: 't' } }],
    [{}, undefined],
  ])('of %j is %j', (auth, scope) => {
    expect(authScope(makeCloud(auth))).toEqual(scope);
  });

  it('is never sent with an application credential', () => {
    expect(authScope(makeCloud({ project_id: 'p' }, { authType: 'v3applicationcredential' }))).toBeUndefined();
  });
});
