// Container health check: exit code 0 where the process on this port says that it is ready.
const port = process.argv[2];
const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
  signal: AbortSignal.timeout(2500),
}).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
