export type { Difference } from './differences.ts';
export { canonical } from './digest.ts';
export { type Verified, verify } from './verify.ts';
