import { type Config, readConfig } from './config.ts';
import { startServer } from './server.ts';

/** Returns the configuration, or ends the process with one line that says what is wrong with it. */
const configOrExit = (): Config => {
  try {
    return readConfig(process.env);
  } catch (error) {
    console.error(`sample-subgraph: ${(error as Error).message}`);
    process.exit(2);
  }
};

const server = await startServer(configOrExit());
console.log(`sample-subgraph listens at ${server.url}`);

// Runs until a signal; a second one ends the process at once.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    console.log('stopping');
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('failed to stop in good order', error);
        process.exit(1);
      },
    );
  });
}
