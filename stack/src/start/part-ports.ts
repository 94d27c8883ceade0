import { type ProcessName, type ProgramName, processNames, programs } from '../processes.ts';
import { isFree } from '../servers/ports.ts';

/** Returns the ports that must be used and free: the port of the gateway, and those in the environment. */
export async function fixedPorts(host: string): Promise<Partial<Record<Part, number>>> {
  const fixed: Partial<Record<Part, number>> = {};
  const wrong: string[] = [];
  for (const part of parts) {
    const [portName, standard] = standardPort(part);
    const given = process.env[portName];
    if (!given && part !== 'gateway') continue;
    const port = Number(given || standard);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      wrong.push(`${portName}=${given} is not a port`);
    else if (!(await isFree(port, part === 'gateway' ? host : '127.0.0.1')))
      wrong.push(`port ${port} is taken: set ${portName} to a free one`);
    else fixed[part] = port;
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return fixed;
}

/** Anything with its own port: each process, and its metrics. */
export type Part = ProgramName | `${ProgramName}Metrics`;

const programNames = Object.keys(programs) as ProgramName[];
export const metricsOf = <N extends ProgramName>(name: N): `${N}Metrics` => `${name}Metrics`;
export const parts: readonly Part[] = [...programNames, ...programNames.map(metricsOf)];

const standardPort = (part: Part): [setting: string, port: number] => {
  const name = programNames.find((each) => metricsOf(each) === part);
  if (name !== undefined) return [programs[name].metricsPortName, programs[name].metricsPort];
  const { portName, port } = programs[part as ProgramName];
  return [portName, port];
};

export const preferred = (of: readonly Part[]): Record<string, number> =>
  Object.fromEntries(of.map((part) => [part, standardPort(part)[1]]));

export const eachProcess = (portOf: (name: ProcessName) => number): Record<ProcessName, number> =>
  Object.fromEntries(processNames.map((name) => [name, portOf(name)])) as Record<ProcessName, number>;
