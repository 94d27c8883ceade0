import { httpAddress } from '@rookery/command-line';
import { Kind, parse } from 'graphql';
import type { ProbeResult } from '../model/check-report.ts';

const timeoutMs = 5_000;
/** The header by which a subgraph says that it accepts the gateway alone. */
const gatewayHeader = 'x-rookery-gateway';
const subprotocol = 'graphql-transport-ws';

/** Returns why a request failed: fetch hides that in the cause. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.message;
  return error.message;
};

/** Sends a GraphQL query without credentials. */
export const post = (url: string, query: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });

const attempt = async (
  what: ProbeResult['what'],
  address: string,
  ask: () => Promise<{ readonly ok: boolean; readonly detail: string }>,
): Promise<ProbeResult> => {
  try {
    return { what, address, ...(await ask()) };
  } catch (error) {
    return { what, address, ok: false, detail: messageOf(error) };
  }
};

const askHealth = async (address: string) => {
  const { ok, status } = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  return { ok, detail: `status ${status}` };
};

const askQuery = async (address: string) => {
  const response = await post(address, '{ __typename }');
  if (response.status === 403 && response.headers.get(gatewayHeader) !== null)
    return { ok: true, detail: 'answers the gateway alone' };
  const body: unknown = await response.json().catch(() => undefined);
  const isGraphql = typeof body === 'object' && body !== null && ('data' in body || 'errors' in body);
  if (!isGraphql) return { ok: false, detail: `status ${response.status} without a GraphQL answer` };
  const isOpen = 'data' in body && body.data !== null;
  return {
    ok: true,
    detail: isOpen
      ? `status ${response.status}; answers everybody: verify the gateway's token`
      : `status ${response.status}`,
  };
};

/** A subgraph that acknowledges the connection, or refuses it with a code of the protocol, speaks it. */
const askSocket = (address: string): Promise<{ ok: boolean; detail: string }> =>
  new Promise((resolve) => {
    const socket = new WebSocket(address, subprotocol);
    const timer = setTimeout(() => end(false, `no answer within ${timeoutMs} ms`), timeoutMs);
    const end = (ok: boolean, detail: string) => {
      clearTimeout(timer);
      resolve({ ok, detail });
      socket.close();
    };
    socket.onopen = () => {
      if (socket.protocol === subprotocol) socket.send(JSON.stringify({ type: 'connection_init' }));
      else end(false, `does not speak ${subprotocol}`);
    };
    socket.onmessage = ({ data }) => {
      const isAck = typeof data === 'string' && data.includes('"connection_ack"');
      end(isAck, isAck ? 'acknowledges connections' : `answers ${String(data).slice(0, 100)}`);
    };
    socket.onclose = ({ code }) => {
      const refuses = code >= 4400 && code < 4500;
      end(
        refuses,
        refuses ? `refuses connections without the gateway's token (${code})` : `closed with ${code}`,
      );
    };
    socket.onerror = () => end(false, 'failed to connect');
  });

const hasSubscriptions = (sdl: string): boolean =>
  parse(sdl).definitions.some((definition) => {
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
      return definition.operationTypes?.some(({ operation }) => operation === 'subscription') ?? false;
    return 'name' in definition && definition.name?.value === 'Subscription';
  });

/** Reads the address of a subgraph's GraphQL endpoint. @throws UsageError */
export const readEndpoint = (text: string): URL => {
  const url = httpAddress('url', text);
  if (url.pathname === '/') url.pathname = '/graphql';
  return url;
};

/** Asks a running subgraph for its health, a query, and, if its SDL has subscriptions, a socket. */
export const probeSubgraph = (endpoint: URL, sdl: string): Promise<ProbeResult[]> => {
  const health = new URL('/health/ready', endpoint).href;
  const socket = endpoint.href.replace(/^http/, 'ws');
  return Promise.all([
    attempt('health', health, () => askHealth(health)),
    attempt('queries', endpoint.href, () => askQuery(endpoint.href)),
    ...(hasSubscriptions(sdl) ? [attempt('subscriptions', socket, () => askSocket(socket))] : []),
  ]);
};
