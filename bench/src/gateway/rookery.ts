// The gateway of Rookery with its production settings on the supergraph of the benchmark: all checks enabled,
// one request in a hundred traced.
import { gatewaySettings, optionsFrom, startGateway } from '@rookery/gateway';
import { readConfig, run } from '@rookery/runtime';

await run('gateway', async (resources, log) => {
  const { SUPERGRAPH = '', SUBGRAPHS = '{}' } = process.env;
  const options = {
    ...optionsFrom(readConfig(gatewaySettings)),
    supergraph: { from: SUPERGRAPH, pollIntervalMs: 250 },
    subgraphs: JSON.parse(SUBGRAPHS) as Record<string, string>,
    // Counted as in production, but high enough for one user to send the whole load.
    rateLimits: { user: 1e12, address: 1e12, fields: true },
  };
  await startGateway(options, log, resources);
});
