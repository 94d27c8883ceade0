import { GraphQLError, Kind } from 'graphql';
import { describe, expect, it } from 'vitest';
import { dateTime } from './date-time.ts';

describe('DateTime', () => {
  it('writes an instant in UTC with milliseconds', () => {
    expect(dateTime.serialize('2026-01-31T09:05:00.123Z')).toBe('2026-01-31T09:05:00.123Z');
    expect(dateTime.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });

  it.each([
    '2026-02-30T00:00:00.000Z',
    '2026-01-31T09:05:00Z',
    '2026-01-31T09:05:00.123+01:00',
    '',
    17,
    null,
  ])('refuses %j', (value) => {
    expect(() => dateTime.parseValue(value)).toThrow(GraphQLError);
    expect(() => dateTime.serialize(value)).toThrow(GraphQLError);
  });

  it('reads a string literal only', () => {
    expect(dateTime.parseLiteral({ kind: Kind.STRING, value: '2026-01-31T09:05:00.123Z' })).toBe(
      '2026-01-31T09:05:00.123Z',
    );
    expect(() => dateTime.parseLiteral({ kind: Kind.INT, value: '17' })).toThrow(GraphQLError);
  });
});
