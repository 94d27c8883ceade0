import { runOps } from '@rookery/ops';

export interface Answered {
  readonly code: number;
  /** Result of --json; undefined if there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the command answers
  readonly json: any;
  readonly err: string;
}

/** Runs one command line in this process, with --json. */
export const ops = async (env: NodeJS.ProcessEnv, ...argv: string[]): Promise<Answered> => {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runOps([...argv, '--json'], {
    env,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    progress: () => {},
  });
  return { code, json: out.length > 0 ? JSON.parse(out.join('\n')) : undefined, err: err.join('\n') };
};

/** Returns the environment of commands on servers of a test, without a Redis. */
export const opsEnv = (database: string, nats: string) => ({
  POSTGRES_URL: database,
  DOCUMENTS_URL: database,
  NATS_URL: nats,
  REDIS_URL: 'redis://127.0.0.1:1',
});
