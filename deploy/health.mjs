// Container health check: exit code 0 if the process on this port says that it can do its own job.
// A process with a certificate speaks TLS alone; the name in it is not this machine's, and nothing secret is sent.
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

const port = process.argv[2];
const tls = process.env.TLS_CERT_FILE && port === process.env.GATEWAY_PORT;
const options = { host: '127.0.0.1', port, path: '/health/ready', rejectUnauthorized: false, timeout: 2500 };
(tls ? getSecure : getPlain)(options, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
