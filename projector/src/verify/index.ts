export type { Difference } from './differences.ts';
export { canonical, digest } from './digest.ts';
export { VerificationUnavailableError } from './verification-unavailable.ts';
export { type Verified, type VerifyOptions, type VerifyProgress, verify } from './verify.ts';
