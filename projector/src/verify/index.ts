export { CanNotVerify } from './can-not-verify.ts';
export type { Difference } from './differences.ts';
export { canonical, digest } from './digest.ts';
export { type Verified, type VerifyOptions, type VerifyProgress, verify } from './verify.ts';
