export { audit } from './audit.ts';
export { type Heads, HeadsMissingError, openHeads } from './heads.ts';
