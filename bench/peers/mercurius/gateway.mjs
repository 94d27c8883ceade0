// The gateway of Mercurius on Fastify, with its JIT if it has one.
import mercuriusGateway from '@mercuriusjs/gateway';
import Fastify from 'fastify';

const subgraphs = JSON.parse(process.env.SUBGRAPHS);
const schemas = JSON.parse(process.env.SUBGRAPH_SCHEMAS);
const app = Fastify();
app.register(mercuriusGateway, {
  gateway: {
    services: Object.entries(subgraphs).map(([name, url]) => ({ name, url, schema: schemas[name] })),
  },
  jit: 1,
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
