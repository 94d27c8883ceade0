import { describe, expect, it } from 'vitest';
import { ConfigError, checkSettings, readConfig } from './config.ts';

describe('checkSettings', () => {
  it('names every wrong setting of all processes at once, and misses none that is not set', () => {
    const check = () =>
      checkSettings({
        LOG_LEVEL: 'loud',
        GATEWAY_PORT: '99999',
        CURSOR_SECRET: 'hunter2',
        FEED_CAP: '',
        PATH: 'x',
      });
    expect(check).toThrow(/^LOG_LEVEL is wrong: .*\nGATEWAY_PORT is wrong: .*\nCURSOR_SECRET is wrong: .*$/);
    expect(check).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
    checkSettings({});
  });
});

describe('readConfig', () => {
  it('reads settings, and the defaults of missing ones', () => {
    expect(readConfig(['GATEWAY_PORT', 'TOKEN_ISSUER'], { GATEWAY_PORT: '8080' })).toEqual({
      GATEWAY_PORT: 8080,
      TOKEN_ISSUER: 'rookery',
    });
  });

  it('names every setting that is missing or wrong, a line each', () => {
    const read = () =>
      readConfig(['POSTGRES_URL', 'GATEWAY_PORT', 'REDIS_URL'], { GATEWAY_PORT: 'x', REDIS_URL: 'http://a' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      /^POSTGRES_URL is not set: .*\nGATEWAY_PORT is wrong: .*\nREDIS_URL is wrong: .*redis:\/\//,
    );
  });

  it('keeps a wrong secret out of the message', () => {
    expect(() => readConfig(['CURSOR_SECRET'], { CURSOR_SECRET: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('takes lists apart, and no symmetric algorithm for tokens', () => {
    const names = ['TOKEN_KEY_FILE', 'TOKEN_ALGORITHMS'] as const;
    const given = { TOKEN_KEY_FILE: '/keys/a.pem, /keys/b.pem', TOKEN_ALGORITHMS: 'EdDSA,RS256' };
    expect(readConfig(names, given)).toEqual({
      TOKEN_KEY_FILE: ['/keys/a.pem', '/keys/b.pem'],
      TOKEN_ALGORITHMS: ['EdDSA', 'RS256'],
    });
    for (const wrong of ['HS256', 'EdDSA,none', ''])
      expect(() => readConfig(names, { ...given, TOKEN_ALGORITHMS: wrong })).toThrow(
        /TOKEN_ALGORITHMS is wrong/,
      );
    expect(() => readConfig(names, { ...given, TOKEN_KEY_FILE: ' , ' })).toThrow(/TOKEN_KEY_FILE is wrong/);
  });

  it('reads an empty optional address as absent', () => {
    expect(readConfig(['JWKS_URL'], {}).JWKS_URL).toBeUndefined();
    expect(readConfig(['JWKS_URL'], { JWKS_URL: 'https://issuer.example/keys' }).JWKS_URL).toBe(
      'https://issuer.example/keys',
    );
  });
});
