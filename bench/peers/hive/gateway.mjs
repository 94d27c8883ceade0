// Hive's gateway, with its own planner or, with PLANNER=rust, with that of the Hive router.
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway';

const options = { supergraph: process.env.SUPERGRAPH, logging: 'error', landingPage: false, graphiql: false };
if (process.env.PLANNER === 'rust') {
  const { unifiedGraphHandler } = await import('@graphql-hive/router-runtime');
  options.unifiedGraphHandler = unifiedGraphHandler;
}
const gateway = createGatewayRuntime(options);
createServer(gateway).listen(Number(process.env.PORT), '127.0.0.1');
