// The gateway of Rookery with its production settings on the supergraph of the benchmark: all checks enabled,
// one request in a hundred traced.
import { gatewaySettings, optionsFrom, startGateway } from '@rookery/gateway';
import { readConfig, run } from '@rookery/runtime';

await run('gateway', async (resources, log) => {
  const { SUPERGRAPH = '', SUBGRAPHS = '{}', REPORTS_USAGE, OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
  const usage = REPORTS_USAGE && {
    // The receiver of traces takes whatever is posted to it. Fifty times as often as in production, so that each turn has
    // its own reports.
    ...{ url: String(OTEL_EXPORTER_OTLP_ENDPOINT), environment: 'bench', token: 'bench' },
    gateway: 'bench',
    ...{ sampling: 1, intervalMs: 200 },
  };
  // The load switches reports off and on, so that both are measured in one process.
  if (usage)
    process.on('SIGUSR2', () => {
      usage.sampling = 1 - usage.sampling;
    });
  const options = {
    ...optionsFrom(readConfig(gatewaySettings)),
    supergraph: { from: SUPERGRAPH, pollIntervalMs: 250 },
    subgraphs: JSON.parse(SUBGRAPHS) as Record<string, string>,
    // Counted as in production, but high enough for one user to send the whole load.
    rateLimits: { user: 1e12, address: 1e12, fields: true },
    ...(usage && { usage }),
  };
  await startGateway(options, log, resources);
});
