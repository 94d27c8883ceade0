import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from './config.ts';
import { armCrashPoint, crashPoint } from './crash-point.ts';

const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
afterEach(() => {
  armCrashPoint({ CRASH_POINT: undefined, NODE_ENV: 'test' });
  kill.mockClear();
});

afterAll(() => kill.mockRestore());

describe('a crash point', () => {
  it('kills the process at the count-th passage of its name, not before and nowhere else', () => {
    armCrashPoint({ CRASH_POINT: 'after-commit:2', NODE_ENV: 'test' });
    crashPoint('after-commit');
    crashPoint('before-commit');
    crashPoint('before-commit');
    expect(kill).not.toHaveBeenCalled();
    crashPoint('after-commit');
    expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
  });

  it('does nothing unless armed', () => {
    armCrashPoint({ CRASH_POINT: undefined, NODE_ENV: 'production' });
    crashPoint('before-commit');
    expect(kill).not.toHaveBeenCalled();
  });

  it('is refused in production, and where there is no such point', () => {
    expect(() => armCrashPoint({ CRASH_POINT: 'after-commit', NODE_ENV: 'production' })).toThrow(ConfigError);
    expect(() => armCrashPoint({ CRASH_POINT: 'nowhere:1', NODE_ENV: 'test' })).toThrow(ConfigError);
  });
});
