import { describe, expect, it } from 'vitest';
import { type FailureContext, toGlanceError } from '../../../../src/http/connect/failures.ts';

const context: FailureContext = {
  url: new URL('https://glance.example/v2'),
  phase: 'headers',
  proxy: null,
  facts: {},
  hide: (text) => text,
};

describe('toGlanceError', () => {
  it('says for which names a certificate is that was for another', () => {
    const error = Object.assign(new Error('altname'), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      cert: { subjectaltname: 'DNS:other.example, IP Address:192.0.2.1' },
    });
    expect(toGlanceError(error, context)).toMatchObject({
      code: 'tls.name',
      message: 'glance.example: its certificate is for another name: it is for other.example, 192.0.2.1',
    });
  });

  it('says just that it is for another name where the names are not known', () => {
    const error = Object.assign(new Error('altname'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(toGlanceError(error, context).message).toBe('glance.example: its certificate is for another name');
  });

  it.each([
    ['an error whose code is no text', Object.assign(new Error('odd'), { code: 7 })],
    ['an error without a code', new Error('odd')],
    ['what is no error at all', { code: 'ENOTFOUND' }],
    ['null', null],
  ])('takes %s for a connection that broke', (_what, error) => {
    expect(toGlanceError(error, context).code).toBe(toGlanceError(new Error('other'), context).code);
  });
});
