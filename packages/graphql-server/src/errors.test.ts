import type { Logger } from '@rookery/runtime';
import { describe, expect, it, vi } from 'vitest';
import { badInput, maskError } from './errors.ts';

const logTo = (error: (line: unknown) => void): Logger => ({ error }) as unknown as Logger;

describe('maskError', () => {
  it('passes an error of the table, with its known extensions only', () => {
    const formatted = {
      ...badInput('first', 'From 1 to 100.').toJSON(),
      extensions: { code: 'BAD_USER_INPUT', field: 'first', serviceName: 'query', stacktrace: ['at x'] },
    };
    expect(maskError(formatted, undefined, logTo(vi.fn()), 'r1')).toEqual({
      message: 'From 1 to 100.',
      extensions: { code: 'BAD_USER_INPUT', field: 'first' },
    });
  });

  it('masks anything else, and logs it whole with the request id', () => {
    const logged = vi.fn();
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:5432 password=hunter2');
    const shown = maskError({ message: cause.message, path: ['me'] }, cause, logTo(logged), 'r1');
    expect(shown).toEqual({
      message: 'Something went wrong on our side.',
      path: ['me'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' },
    });
    expect(logged).toHaveBeenCalledWith({ error: cause, path: ['me'], requestId: 'r1' }, 'unexpected error');
  });

  it('does not trust a message only because it carries INTERNAL_SERVER_ERROR', () => {
    const formatted = { message: 'secret', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    expect(maskError(formatted, undefined, logTo(vi.fn()), 'r1').message).not.toContain('secret');
  });
});
