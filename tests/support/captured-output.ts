export interface CapturedOutput {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment of a command: `undefined` for a variable that it must not have. */
type Environment = Readonly<Record<string, string | undefined>>;

const setEnvironment = (values: Environment): Environment => {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  for (const [name, value] of Object.entries(values))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  return before;
};

/** Runs a command in this process, and returns what it would have written as a process of its own. */
export const captureOutput = async (
  run: () => Promise<number>,
  environment: Environment = {},
): Promise<CapturedOutput> => {
  const { log, error } = console;
  const write = process.stdout.write;
  const before = setEnvironment({ FORCE_COLOR: undefined, ...environment });
  let [stdout, stderr] = ['', ''];
  const line = (parts: readonly unknown[]) => `${parts.map(String).join(' ')}\n`;
  console.log = (...parts: unknown[]) => {
    stdout += line(parts);
  };
  console.error = (...parts: unknown[]) => {
    stderr += line(parts);
  };
  process.stdout.write = (text: unknown) => {
    stdout += String(text);
    return true;
  };
  try {
    const status = await run();
    return { status, stdout, stderr };
  } finally {
    Object.assign(console, { log, error });
    process.stdout.write = write;
    setEnvironment(before);
  }
};
