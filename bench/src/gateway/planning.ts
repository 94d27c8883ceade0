import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { Planner, plannerConfig } from '@rookery/federation-executor';
import { composeSupergraph } from '@rookery/schema/compose';
import { parse } from 'graphql';
import { latencies } from '../measure.ts';
import { manySubgraphs } from '../schema/many-subgraphs.ts';
import { peerPackages } from './contenders.ts';

/** A generated supergraph, and operations on it. */
const size = { subgraphs: 50, types: 1_000 };
const entitiesPerSubgraph = 2;
const operations = 300;

/** Each operation has up to four entities of different subgraphs, each with a field of a second subgraph. */
const operationOn = (n: number): string => {
  const roots = Array.from({ length: 1 + (n % 4) }, (_, i) => {
    const subgraph = (n * 7 + i * 13) % size.subgraphs;
    const type = ((n + i) % entitiesPerSubgraph) * 10;
    return `r${i}: s${subgraph}t${type}(id: ${n}) {
      id name tags count(of: "x") seenBy${subgraph} next { id name next { id name count } }
    }`;
  });
  return `query Planned${n} { ${roots.join('\n')} }`;
};

/** A package of the contender `hive`, and not of this folder. */
const hivePackage = '@graphql-hive/router-query-planner';

type PlanOne = (text: string, name: string) => unknown;

interface Candidate {
  readonly name: string;
  /** Loads a supergraph. */
  readonly load: (sdl: string) => PlanOne;
}

interface HivePlanner {
  plan(text: string, name: string, labels: ReadonlySet<string>, percentage: number): unknown;
}

const apollo: Candidate = {
  name: 'apollo',
  load: (sdl) => {
    const model = Supergraph.build(sdl);
    const planner = new QueryPlanner(model, plannerConfig(parse(sdl)));
    const corrected = new Planner(planner, model.schema.toGraphQLJSSchema());
    return (text, name) => corrected.plan(parse(text), name);
  },
};

/** The planner in Rust of Hive's router, from the packages of that contender. */
const hive = (): Candidate => {
  const require = createRequire(join(peerPackages('hive'), 'package.json'));
  const { QueryPlanner: Native } = require(hivePackage) as {
    QueryPlanner: new (sdl: string) => HivePlanner;
  };
  return {
    name: 'hive-rust',
    load: (sdl) => {
      const planner = new Native(sdl);
      return (text, name) => planner.plan(text, name, new Set(), 0);
    },
  };
};

/**
 * Measures the planners on a supergraph of many subgraphs: each operation is new to the planner, from its text to its plan.
 * The packages of the contender `hive` must be installed.
 */
export const measurePlanning = (
  say: (line: string) => void,
): ReadonlyMap<string, Readonly<Record<string, number>>> => {
  say(`composing ${size.subgraphs} subgraphs of ${size.types} types`);
  const sdl = composeSupergraph(manySubgraphs(size));
  const texts = Array.from({ length: operations }, (_, n) => operationOn(n));
  return new Map(
    [apollo, hive()].map(({ name, load }) => {
      say(`${name}: planning ${operations} operations`);
      const loading = performance.now();
      const plan = load(sdl);
      const loaded = performance.now() - loading;
      const first = performance.now();
      plan(operationOn(operations), `Planned${operations}`);
      const firstPlan = performance.now() - first;
      const cpu = process.cpuUsage();
      const times = texts.map((text, n) => {
        const began = performance.now();
        plan(text, `Planned${n}`);
        return performance.now() - began;
      });
      const { user, system } = process.cpuUsage(cpu);
      const { p50, p99 } = latencies(times, 1);
      const figures = { 'load ms': loaded, 'first ms': firstPlan, 'p50 ms': p50, 'p99 ms': p99 };
      return [name, { ...figures, 'CPU ms/plan': (user + system) / 1_000 / operations }];
    }),
  );
};
