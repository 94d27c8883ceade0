import { lookup as lookUp } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Addresses that webhooks may have. `public`: https on the Internet; `private`: https anywhere, and http to this machine. */
export type WebhookTargets = 'public' | 'private';

/** A webhook has an address that the settings do not permit. */
export class TargetError extends Error {
  override name = 'TargetError';
}

const notPublic = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  notPublic.addSubnet(address, bits);
for (const [address, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  notPublic.addSubnet(address, bits, 'ipv6');
/** All that is assigned; everything else is local, or leads to an address of version 4. */
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');

/** True if an address belongs to the public Internet. */
export const isPublic = (address: string): boolean =>
  isIP(address) === 4
    ? !notPublic.check(address)
    : global.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Returns the host without the brackets of an IPv6 address. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const isLoopback = (host: string): boolean => {
  const version = isIP(host);
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
};

/**
 * Reads the address of a webhook. Names are resolved when something is sent, since they may change.
 * @throws TargetError
 */
export const readTarget = (text: string, targets: WebhookTargets): URL => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new TargetError('must be an https address');
  if (url.username !== '' || url.password !== '')
    throw new TargetError('must not have a name and a password: the signature says who sends');
  const host = hostOf(url);
  if (url.protocol === 'http:' && (targets === 'public' || !isLoopback(host)))
    throw new TargetError(
      'must be an https address; http is for this machine, if REGISTRY_WEBHOOK_TARGETS is private',
    );
  if (targets === 'public' && (isIP(host) === 0 ? host === 'localhost' : !isPublic(host)))
    throw new TargetError(
      'is not on the public Internet: set REGISTRY_WEBHOOK_TARGETS to private to permit it',
    );
  return url;
};

/** Resolves names, and refuses those that lead to an address that is not permitted. */
export const guardedLookup =
  (targets: WebhookTargets, resolve: typeof lookUp = lookUp): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = targets === 'public' ? addresses.find(({ address }) => !isPublic(address)) : undefined;
      if (refused !== undefined)
        return callback(new TargetError(`${hostname} leads to an address that is not public`), []);
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
