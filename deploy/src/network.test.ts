import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramName, programs } from '@rookery/stack';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { kustomizeDir } from './layout.ts';
import { readManifests } from './manifest.ts';

const selector = z.object({ matchLabels: z.record(z.string(), z.string()) });
const peers = z.array(z.object({ podSelector: selector.optional() })).optional();
const ports = z.array(z.object({ port: z.union([z.number(), z.string()]) }));
const policy = z.object({
  spec: z.object({
    podSelector: selector,
    ingress: z.array(z.object({ ports, from: peers })).default([]),
    egress: z.array(z.object({ ports, to: peers })).default([]),
  }),
});

const policies = readManifests(readFileSync(join(kustomizeDir, 'base/network-policies.yaml'), 'utf8')).map(
  (of) => policy.parse(of).spec,
);
const names = Object.keys(programs) as ProgramName[];
const labelsOf = (component: string): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': 'rookery',
  'app.kubernetes.io/instance': 'rookery',
  'app.kubernetes.io/component': component,
});
const selects = ({ matchLabels }: z.output<typeof selector>, component: string): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labelsOf(component)[key] === value);
/** Peers allow a pod of the namespace; no peers allow everybody. */
const allow = (of: z.output<typeof peers>, component: string): boolean =>
  of === undefined ||
  of.some(({ podSelector }) => podSelector !== undefined && selects(podSelector, component));
const named = { http: 'port', metrics: 'metricsPort' } as const;

/** Returns whether the policies let a process connect to a port of another. */
const reaches = (from: string, to: ProgramName, port: 'http' | 'metrics'): boolean => {
  const number = programs[to][named[port]];
  const leaves = policies.some(
    ({ podSelector, egress }) =>
      selects(podSelector, from) &&
      egress.some((rule) => rule.ports.some((each) => each.port === number) && allow(rule.to, to)),
  );
  const arrives = policies.some(
    ({ podSelector, ingress }) =>
      selects(podSelector, to) &&
      ingress.some((rule) => rule.ports.some((each) => each.port === port) && allow(rule.from, from)),
  );
  return leaves && arrives;
};

it('lets only the gateway reach the subgraphs, and the subgraphs its keys', () => {
  const found = names.flatMap((from) =>
    names.flatMap((to) =>
      (['http', 'metrics'] as const).flatMap((port) =>
        from !== to && reaches(from, to, port) ? [`${from} → ${to} ${port}`] : [],
      ),
    ),
  );
  expect(found.sort()).toEqual([
    'gateway → mutation http',
    'gateway → query http',
    'gateway → registry http',
    'mutation → gateway metrics',
    'query → gateway metrics',
  ]);
});

it('lets the operators’ commands reach the health of every process', () => {
  expect(names.filter((to) => !reaches('ops', to, 'http'))).toEqual([]);
});

it('lets a process reach a store only if it uses it', () => {
  const stores = { postgres: 5432, nats: 4222, redis: 6379, documents: 27_017 };
  const reached = (component: string) =>
    Object.entries(stores)
      .filter(([, port]) =>
        policies.some(
          ({ podSelector, egress }) =>
            selects(podSelector, component) &&
            egress.some((rule) => rule.ports.some((each) => each.port === port)),
        ),
      )
      .map(([name]) => name);
  expect(Object.fromEntries([...names, 'stranger'].map((name) => [name, reached(name)]))).toEqual({
    // The registry tells gateways of launches over NATS.
    gateway: ['nats', 'redis'],
    mutation: ['postgres', 'nats', 'documents'],
    query: ['nats', 'redis', 'documents'],
    recorder: ['postgres', 'nats'],
    projector: ['postgres', 'nats', 'redis', 'documents'],
    registry: ['postgres', 'nats'],
    stranger: [],
  });
});

it('lets nothing in or out of other pods of the release', () => {
  const [all, ...more] = policies.filter(({ podSelector }) => selects(podSelector, 'stranger'));
  expect(more).toEqual([]);
  expect(all?.ingress).toEqual([]);
  expect(all?.egress.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual([53, 53]);
});
