export type { Difference } from './differences.ts';
export { canonical, digest } from './digest.ts';
export { CanNotVerify, type Verified, type VerifyOptions, verify } from './verify.ts';
