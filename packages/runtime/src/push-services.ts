/** Longest address of a push subscription, in UTF-16 code units: those of the known services have some 200. */
const maxLength = 1_000;

const matchesService = ({ protocol, host, origin }: URL, service: string): boolean => {
  // An origin is taken as it is written, so that it may be one without TLS on this machine.
  if (service.includes('://')) return origin === service;
  if (protocol !== 'https:') return false;
  return service.startsWith('*.') ? host.endsWith(service.slice(1)) : host === service;
};

/**
 * Returns whether an address belongs to a push service of the settings. Messages go to these alone, since people who register choose the
 * address: https at its own port, without a name or password.
 * @param services hosts, `*.` and a domain, or origins
 */
export const isPushService = (endpoint: string, services: readonly string[]): boolean => {
  const url = endpoint.length > maxLength ? null : URL.parse(endpoint);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return services.some((service) => matchesService(url, service));
};
