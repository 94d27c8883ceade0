export { appendNetwork, type BulkLoaded, loadNetwork } from './load.ts';
export { createNetwork, type Network } from './network.ts';
