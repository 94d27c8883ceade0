import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';

export interface Balancer extends AsyncDisposable {
  readonly url: string;
}

/** Forwards each HTTP request to the next of these addresses in turn, as a load balancer without affinity does. */
export const startBalancer = async (targets: readonly string[]): Promise<Balancer> => {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const target = new URL(incoming.url ?? '/', targets[turn++ % targets.length]);
    const { method, headers } = incoming;
    const forwarded = request(target, { agent, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // The client sees the connection break, as it would without a balancer.
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
};
