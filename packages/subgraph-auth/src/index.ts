export {
  type GatewayClaims,
  gatewayHeader,
  issuer,
  operationDigest,
  sharedMark,
  sharedTaken,
  sharedTokenType,
  tokenRefused,
  tokenType,
} from './claims.ts';
export { GatewayKeysUnavailableError } from './gateway-keys.ts';
export {
  createGatewayVerifier,
  GatewayTokenError,
  type GatewayVerifier,
  type GatewayVerifierOptions,
} from './verifier.ts';
