/** Some nodes of a Redis Cluster, from which a client learns of the others. */
export interface ClusterAddress {
  readonly nodes: readonly ClusterNodeAddress[];
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

interface ClusterNodeAddress {
  readonly host: string;
  readonly port: number;
}

const clusterPattern = /^redis(s?)\+cluster:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?.*)?$/;
const defaultPort = 6379;

/** Returns whether an address names a Redis Cluster. */
export const isClusterAddress = (address: string): boolean => /^rediss?\+cluster:/.test(address);

/** Returns whether this is redis://…, rediss://…, redis+cluster://host,host… or rediss+cluster://… */
export const isRedisAddress = (address: string): boolean =>
  isClusterAddress(address)
    ? readClusterAddress(address) !== undefined
    : /^rediss?:\/\//.test(address) && URL.canParse(address);

/** Reads redis+cluster://user:password@host:port,host:port; undefined if it is none. */
export const readClusterAddress = (address: string): ClusterAddress | undefined => {
  const [matched, tls, credentials = '', hosts = ''] = clusterPattern.exec(address) ?? [];
  if (matched === undefined) return undefined;
  const nodes: ClusterNodeAddress[] = [];
  for (const host of hosts.split(',')) {
    if (host === '' || !URL.canParse(`redis://${host}`)) return undefined;
    const { hostname, port } = new URL(`redis://${host}`);
    nodes.push({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) });
  }
  const [username, password] = credentials.split(':').map(decodeURIComponent);
  return { nodes, isTls: tls !== '', username: username || undefined, password };
};

/** Returns the address of one node, with what the address of the cluster says beside its hosts. */
export const nodeAddress = (address: string, { host, port }: ClusterNodeAddress): string =>
  address.replace(
    /^(rediss?)\+cluster:\/\/((?:[^@/?]*@)?)[^@/?]+/,
    (_, scheme: string, credentials: string) =>
      `${scheme}://${credentials}${host.includes(':') ? `[${host}]` : host}:${port}`,
  );
