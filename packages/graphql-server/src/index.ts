export * from './access.ts';
export * from './answer-size.ts';
export * from './conditions.ts';
export * from './date-time.ts';
export * from './errors.ts';
export * from './response-extensions.ts';
