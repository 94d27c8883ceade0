export { type Audited, type AuditOptions, audit, type Flaw } from './audit.ts';
export { type Heads, HeadsMissingError, openHeads, type PublishedHead } from './heads.ts';
